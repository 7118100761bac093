"""How long people take for an answer, and which ones stand out."""

from collections.abc import Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

# Beyond this many deviations one is called odd; so few are too few to say.
FAR = 3.5
FEWEST = 20
# So much of a deviation is nothing, however even somebody works: half as long, or twice.
LEAST_DEVIATION = 0.5
TO_SIGMA = 0.6745  # what the median absolute deviation of a normal distribution is


def usual(seconds: Sequence[float]) -> float | None:
    """The median of times, in seconds; None without any."""
    return float(median(seconds)) if seconds else None


def odd(seconds: Sequence[float]) -> NDArray[np.intp]:
    """Say which times stand out from the others.

    Parameters
    ----------
    seconds : sequence of shape (n_answers,)
        Each >= 0, of one person.

    Returns
    -------
    rows : ndarray of shape (n_odd,)
        Their places, the farthest from the median first; empty with fewer than FEWEST times.
        Times are compared by their logarithm: five times as long is as odd as a fifth.

    References
    ----------
    Iglewicz, Hoaglin (1993), How to detect and handle outliers, for the modified z-score and
    its bar of 3.5.
    """
    if len(seconds) < FEWEST:
        return np.empty(0, np.intp)
    logs = np.log2(np.maximum(np.asarray(seconds, np.float64), 0.05))
    strayed = logs - np.median(logs)
    deviation = max(float(np.median(np.abs(strayed))), LEAST_DEVIATION)
    score = TO_SIGMA * np.abs(strayed) / deviation
    order = np.argsort(-score, kind="stable")
    return order[: int((score > FAR).sum())].astype(np.intp)
