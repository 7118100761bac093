"""Which of several counts has grown out of step with the others."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIGMAS = 3.0
# Fewer say nothing of how much growth varies.
FEWEST_OTHERS = 3
# So few more rows are never remarkable.
LEAST = 20
TO_SIGMA = 1.4826  # from the median absolute deviation of a normal distribution


def most_expected(before: ArrayLike, now: ArrayLike) -> NDArray[np.float64]:
    """Say up to where each count may have grown, as the growth of the others has it.

    A count is expected to grow by the same share as all others together. How far growth strays
    from that is measured on the others, in units of its Poisson deviation, by the median
    absolute deviation: a second one that is out of step does not hide the first.

    Parameters
    ----------
    before, now : array-like of shape (n_counts,)
        Counts at two moments, each >= 0.

    Returns
    -------
    most : ndarray of shape (n_counts,)
        `before`, with the expected growth and SIGMAS deviations, never less than LEAST more.
        Infinite where `before` is 0, or where fewer than FEWEST_OTHERS others had been there.

    References
    ----------
    Hampel (1974), The influence curve and its role in robust estimation, for the deviation.
    """
    old = np.asarray(before, dtype=np.float64)
    growth = np.maximum(np.asarray(now, dtype=np.float64) - old, 0.0)
    most = np.full(old.shape, np.inf)
    were = np.flatnonzero(old > 0)
    for place in were:
        others = were[were != place]
        if len(others) >= FEWEST_OTHERS:
            most[place] = old[place] + _most_growth(old[place], old[others], growth[others])
    return most


def _most_growth(
    own: np.float64, others: NDArray[np.float64], growth: NDArray[np.float64]
) -> float:
    rate = growth.sum() / others.sum()
    strayed = (growth - others * rate) / np.sqrt(others * rate + 1)
    sigma = max(1.0, TO_SIGMA * float(np.median(np.abs(strayed - np.median(strayed)))))
    expected = float(own * rate)
    return max(LEAST, expected + SIGMAS * sigma * float(np.sqrt(expected + 1)))
