"""Whether a version is as often right as it is sure, and how much it may be left alone with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.evaluating import BINS, calibration_error, coverage
from ml.pairing import wilson

PRECISION = 0.95
POINTS = 100


@dataclass(frozen=True)
class Bin:
    """As many rows as every other bin has.

    lowest, highest : float
        Confidence of its rows, in [0, 1].
    rows : int
    confidence : float
        Mean, in [0, 1].
    right, lower, upper : float
        Share of right answers with its 90 % interval, in [0, 1].
    """

    lowest: float
    highest: float
    rows: int
    confidence: float
    right: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Reliability:
    """How honest confidence is.

    rows : int
    error : float
        Expected calibration error with bins of equal mass, in [0, 1]; nan without rows.
    brier : float
        Mean square of confidence minus 1 where right, minus 0 where wrong, in [0, 1]; nan without
        rows. Of the answer given alone, not of all classes.
    surplus : float
        Mean confidence minus accuracy, in [-1, 1]: above 0 it is too sure.
    bins : tuple of Bin
        The points of the reliability diagram, the least sure first.
    """

    rows: int
    error: float
    brier: float
    surplus: float
    bins: tuple[Bin, ...]


def reliability(confidence: ArrayLike, right: ArrayLike, *, bins: int = BINS) -> Reliability:
    """Set what a version said of itself beside how often it was right.

    Parameters
    ----------
    confidence : array-like of shape (n_rows,)
        Probability of each answer, in [0, 1].
    right : array-like of shape (n_rows,)
        Whether the answer was right.
    bins : int, default=15

    References
    ----------
    Brier (1950); Nguyen, O'Connor (2015), Posterior calibration and exploratory analysis, for bins
    of equal mass.
    """
    sure, hit = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    if not len(sure):
        nan = float("nan")
        return Reliability(0, nan, nan, nan, ())
    order = np.argsort(sure, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    return Reliability(
        rows=len(sure),
        error=calibration_error(sure, hit, bins=bins),
        brier=float(((sure - hit) ** 2).mean()),
        surplus=float(sure.mean() - hit.mean()),
        bins=tuple(_bin(sure[part], hit[part]) for part in parts),
    )


def _bin(confidence: NDArray[np.float64], right: NDArray[np.float64]) -> Bin:
    return Bin(
        float(confidence[0]),
        float(confidence[-1]),
        len(confidence),
        float(confidence.mean()),
        float(right.mean()),
        *wilson(float(right.sum()), len(right)),
    )


@dataclass(frozen=True)
class CoveragePoint:
    """What is answered alone from one confidence on.

    confidence : float
        The least that is enough, in [0, 1].
    coverage : float
        Share of rows at least as sure, in (0, 1].
    precision : float
        Share of these that are right, in [0, 1].
    """

    confidence: float
    coverage: float
    precision: float


@dataclass(frozen=True)
class Automation:
    """How much traffic may be left to a version.

    precision : float
        What is asked for.
    coverage : float
        The largest share, the surest first, of which so many are right; 0 if there is none.
    confidence : float
        From where on that is; nan if nowhere.
    curve : tuple of CoveragePoint
        The surest first; the last one covers everything.
    """

    precision: float
    coverage: float
    confidence: float
    curve: tuple[CoveragePoint, ...]


def automation(
    confidence: ArrayLike, right: ArrayLike, *, precision: float = PRECISION, points: int = POINTS
) -> Automation:
    """Say how sure is sure enough.

    Parameters
    ----------
    confidence : array-like of shape (n_rows,)
        In [0, 1].
    right : array-like of shape (n_rows,)
    precision : float, default=0.95
        In (0, 1].
    points : int, default=100
        Of the curve, at most. Equally sure rows are in together or not at all.
    """
    sure, hit = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    share = coverage(sure, hit, precision=precision)
    order = np.argsort(-sure, kind="stable")
    sure, hits = sure[order], np.cumsum(hit[order])
    ends = np.flatnonzero(np.append(sure[1:] != sure[:-1], True)[: len(sure)])
    shown = np.unique(np.linspace(0, len(ends) - 1, min(points, len(ends))).round().astype(int))
    last = round(share * len(sure)) - 1
    return Automation(
        precision=precision,
        coverage=share,
        confidence=float(sure[last]) if last >= 0 else float("nan"),
        curve=tuple(
            CoveragePoint(
                float(sure[end]), float((end + 1) / len(sure)), float(hits[end] / (end + 1))
            )
            for end in (ends[shown].tolist() if len(ends) else ())
        ),
    )
