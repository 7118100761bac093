"""What is said of a difference, and how sure one must be to say it.

Several rows of a report may call a candidate worse. Together they may do so by chance with 5 %, so
each has its part of that.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Verdict = Literal["better", "not worse", "worse", "inconclusive"]
Status = Literal["regressed", "inconclusive", "fine"]

# What may be lost before it counts, as a share: of all rows, and of the few of an intent or slice.
MARGIN, SLICE_MARGIN, INTENT_MARGIN = 0.02, 0.05, 0.10

# One-sided chance of saying so of two versions that are as good as each other.
BETTER = 0.05
WORSE = {"accuracy": 0.01, "macro_f1": 0.01, "critical": 0.02, "slices": 0.01}
# Before there are rows enough, harm must be this plain to be called by its name.
PLAINLY_WORSE = 0.001
# Intents that do not block.
REGRESSED, FALSE_DISCOVERIES = 0.05, 0.10


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values so that the chance of even one false rejection stays below alpha.

    Parameters
    ----------
    p : array-like of shape (n_tests,)
        In [0, 1], however they depend on each other.

    Returns
    -------
    adjusted : ndarray of shape (n_tests,)
        Reject where this is <= alpha. In [0, 1], in the order of `p`.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure.
    """
    p = np.asarray(p, np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)) if len(p) else p
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values so that of what is rejected a share of alpha is false at most.

    Parameters
    ----------
    p : array-like of shape (n_tests,)
        In [0, 1], independent or positively dependent.

    Returns
    -------
    adjusted : ndarray of shape (n_tests,)
        Reject where this is <= alpha. In [0, 1], in the order of `p`.

    References
    ----------
    Benjamini, Hochberg (1995), Controlling the false discovery rate.
    """
    p = np.asarray(p, np.float64)
    order = np.argsort(-p, kind="stable")
    scaled = p[order] * len(p) / np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled), 1.0) if len(p) else scaled
    return adjusted


def statuses(
    adjusted: NDArray[np.float64],
    lower: NDArray[np.float64],
    *,
    alpha: ArrayLike,
    margin: float,
) -> Sequence[Status]:
    """Say of each group whether it regressed, is fine, or cannot be told.

    Parameters
    ----------
    adjusted : ndarray of shape (n_groups,)
        p of being worse, adjusted for how many are asked about.
    lower : ndarray of shape (n_groups,)
        One-sided 95 % bound of candidate minus live.
    alpha : float or array-like of shape (n_groups,)
    margin : float
        Fine is what loses less than this for sure.
    """
    regressed = adjusted <= np.asarray(alpha)
    fine = lower > -margin
    return [
        "regressed" if bad else "fine" if good else "inconclusive"
        for bad, good in zip(regressed.tolist(), fine.tolist(), strict=True)
    ]
