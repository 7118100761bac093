"""Figures of how good answers are. More is better in all but the calibration error."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 15


def accuracy(truth: ArrayLike, answers: ArrayLike) -> float:
    """Return the share of answers that are right, in [0, 1]; nan without any."""
    right = np.asarray(truth) == np.asarray(answers)
    return float(right.mean()) if right.size else float("nan")


def macro_f1(truth: ArrayLike, answers: ArrayLike) -> float:
    """Return the mean F1 of all classes that occur among either, in [0, 1]; nan without any."""
    classes, codes = np.unique(
        np.concatenate([np.asarray(truth), np.asarray(answers)]), return_inverse=True
    )
    if not len(classes):
        return float("nan")
    true, given = np.split(codes, 2)
    right = np.bincount(true[true == given], minlength=len(classes))
    each = np.bincount(true, minlength=len(classes)) + np.bincount(given, minlength=len(classes))
    return float((2 * right / each).mean())


def calibration_error(confidence: ArrayLike, right: ArrayLike, *, bins: int = BINS) -> float:
    """Return the expected calibration error with bins of equal mass, in [0, 1].

    Parameters
    ----------
    confidence : array-like of shape (n_rows,)
        Probability of each answer, in [0, 1].
    right : array-like of shape (n_rows,)
        Whether the answer was right.
    bins : int, default=15
        Of n_rows / bins rows each, the first the least sure.

    Returns
    -------
    error : float
        Mean distance of confidence and share of right answers; nan without rows. It is never quite
        0: of 3,000 rows of a perfectly honest classifier it is 0.01.
    """
    confidence, right = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    if not len(confidence):
        return float("nan")
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    apart = [len(part) * abs(confidence[part].mean() - right[part].mean()) for part in parts]
    return float(sum(apart) / len(order))


def coverage(confidence: ArrayLike, right: ArrayLike, *, precision: float = 0.95) -> float:
    """Return the largest share of rows, the surest first, of which `precision` are right.

    Parameters
    ----------
    confidence : array-like of shape (n_rows,)
    right : array-like of shape (n_rows,)
    precision : float, default=0.95
        In (0, 1].

    Returns
    -------
    share : float
        In [0, 1]. Rows of the same confidence are taken together or not at all.
    """
    confidence, right = np.asarray(confidence), np.asarray(right, np.float64)
    order = np.argsort(-confidence, kind="stable")
    confidence = confidence[order]
    enough = np.cumsum(right[order]) >= precision * np.arange(1, len(order) + 1) - 1e-9
    last = np.append(confidence[1:] != confidence[:-1], True)[: len(order)]
    ends = np.flatnonzero(enough & last)
    return float((ends[-1] + 1) / len(order)) if len(ends) else 0.0


def auroc(inside: ArrayLike, outside: ArrayLike) -> float:
    """Return the chance that a score of `outside` exceeds one of `inside`, ties counting half.

    Shapes are (n_inside,) and (n_outside,). In [0, 1]; nan if one of them is empty.
    """
    inside, outside = np.sort(np.asarray(inside)), np.asarray(outside)
    if not len(inside) or not len(outside):
        return float("nan")
    below = np.searchsorted(inside, outside, "left") + np.searchsorted(inside, outside, "right")
    return float(below.mean() / 2 / len(inside))


def found_at(inside: ArrayLike, outside: ArrayLike, *, false_alarms: float = 0.05) -> float:
    """Return the share of `outside` above what a share of `inside` exceeds, in [0, 1]."""
    threshold = np.quantile(np.asarray(inside), 1 - false_alarms)
    above: NDArray[np.bool_] = np.asarray(outside) > threshold
    return float(above.mean())


def figures_of(codes: NDArray[np.intp], proba: NDArray[np.floating]) -> dict[str, float]:
    """Return all figures of answers that come with probabilities; none without rows.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,)
        The right class numbers; -1 for a class that `proba` does not know.
    proba : ndarray of shape (n_rows, n_classes)
    """
    if not len(codes):
        return {}
    answers, sure = proba.argmax(axis=1), proba.max(axis=1)
    right = answers == codes
    return {
        "rows": len(codes),
        "accuracy": accuracy(codes, answers),
        "macro_f1": macro_f1(codes, answers),
        "calibration_error": calibration_error(sure, right),
        "coverage": coverage(sure, right),
    }
