"""How many more labels the next point of accuracy will take, if anybody can say."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

STEP = 0.01  # one point of accuracy
DRAWS = 500
FEWEST_POINTS, NARROWEST = 4, 3.0  # points, and the last one's labels over the first one's
FURTHEST = 4.0  # times the labels there are
FLOORS = np.linspace(0.0, 0.5, 11)  # shares of the least error seen that may never go away

Refusal = Literal["", "few points", "narrow", "flat", "far", "nothing left"]


@dataclass(frozen=True)
class CurvePoint:
    """One point of the learning curve.

    labels : int
    accuracy, fitted : float
        As measured, and as the curve has it, in [0, 1].
    """

    labels: int
    accuracy: float
    fitted: float


@dataclass(frozen=True)
class Forecast:
    """The learning curve, and where it goes.

    refused : {"", "few points", "narrow", "flat", "far", "nothing left"}
        Why nothing is said of the labels; "" when something is.
    labels : int or None
        How many there must be in all for the next point.
    lower, upper : int or None
        90 % interval of that.
    accuracy, target : float
        What the curve says now, and what is asked for, in [0, 1]; nan without a curve.
    points : tuple of CurvePoint
        Fewest labels first.
    """

    refused: Refusal
    labels: int | None
    lower: int | None
    upper: int | None
    accuracy: float
    target: float
    points: tuple[CurvePoint, ...]


def forecast(
    labels: ArrayLike,
    accuracy: ArrayLike,
    rows: ArrayLike,
    *,
    random_state: int,
    step: float = STEP,
    draws: int = DRAWS,
) -> Forecast:
    """Fit error = floor + scale · labels ** -slope, and say when `step` less will be reached.

    Parameters
    ----------
    labels : array-like of shape (n_points,)
        How many labels were learned from, >= 1, each number once.
    accuracy : array-like of shape (n_points,)
        In [0, 1], of each.
    rows : array-like of shape (n_points,), or int
        Test rows that it was measured on, >= 1.
    random_state : int
    step : float, default=0.01
    draws : int, default=500
        Curves drawn around the fitted one, each point by its binomial error, for the interval.

    Returns
    -------
    forecast : Forecast
        Refused with fewer than four points ("few points"), when the last one has less than three
        times the labels of the first ("narrow"), when the interval has no upper end ("flat"), when
        it takes more than four times the labels there are ("far"), and when less than a point is
        missing ("nothing left").

    References
    ----------
    Cortes, Jackel, Solla, Vapnik, Denker (1994), Learning curves: asymptotic values and rate of
    convergence. The floor cannot be told from so few points: up to half of the least error is
    tried.
    """
    x, y = np.asarray(labels, np.float64), 1 - np.asarray(accuracy, np.float64)
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    n = np.broadcast_to(np.asarray(rows, np.float64), x.shape)[order]
    if len(np.unique(x)) < FEWEST_POINTS:
        return _refused("few points", x, y)
    if x[-1] < NARROWEST * x[0]:
        return _refused("narrow", x, y)
    fitted = _fit(x, y[None], n)
    now = float(fitted.at(x[-1])[0])
    points = _points(x, y, fitted.at(x[:, None])[:, 0])
    if now <= step:
        return Forecast("nothing left", None, None, None, 1 - now, float("nan"), points)
    found = float(fitted.when(now - step)[0])
    chance = np.random.default_rng(random_state)
    lower, upper = _interval(fitted, x, n, step=step, draws=draws, chance=chance)
    refused = _why_not(found, upper, most=FURTHEST * x[-1])
    if refused:
        return Forecast(refused, None, None, None, 1 - now, 1 - now + step, points)
    low, high = max(int(x[-1]) + 1, round(min(lower, found))), round(max(upper, found))
    return Forecast("", max(low, round(found)), low, high, 1 - now, 1 - now + step, points)


def _interval(
    fitted: "_Curves",
    x: NDArray[np.float64],
    n: NDArray[np.float64],
    *,
    step: float,
    draws: int,
    chance: np.random.Generator,
) -> tuple[float, float]:
    """Return where 90 % of curves that are drawn around the fitted one have lost `step` of error.

    Shapes: x and n (n_points,). Numbers of labels, the upper one infinite if too many never do.
    """
    share = np.clip(fitted.at(x[:, None])[:, 0], 0.0, 1.0)
    others = _fit(x, chance.binomial(n.astype(np.int64), share, (draws, len(x))) / n, n)
    reached = others.when(others.at(x[-1]) - step)
    lower, upper = np.quantile(reached, [0.05, 0.95], method="higher")
    return float(lower), float(upper)


def _why_not(found: float, upper: float, *, most: float) -> Refusal:
    if not np.isfinite(found) or not np.isfinite(upper):
        return "flat"
    return "far" if found > most else ""


def _refused(why: Refusal, x: NDArray[np.float64], y: NDArray[np.float64]) -> Forecast:
    nan = float("nan")
    return Forecast(why, None, None, None, nan, nan, _points(x, y, np.full(len(x), nan)))


def _points(
    x: NDArray[np.float64], y: NDArray[np.float64], fitted: NDArray[np.float64]
) -> tuple[CurvePoint, ...]:
    triples = zip(x.tolist(), (1 - y).tolist(), (1 - fitted).tolist(), strict=True)
    return tuple(CurvePoint(int(labels), right, curve) for labels, right, curve in triples)


@dataclass(frozen=True)
class _Curves:
    """Errors as functions of labels: floor + exp(height - slope · ln labels). Each (n_curves,)."""

    floor: NDArray[np.float64]
    height: NDArray[np.float64]
    slope: NDArray[np.float64]

    def at(self, labels: float | NDArray[np.float64]) -> NDArray[np.float64]:
        error: NDArray[np.float64] = self.floor + np.exp(self.height - self.slope * np.log(labels))
        return error

    def when(self, error: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """Return at how many labels each curve is down to `error`; infinite if never."""
        left = np.asarray(error) - self.floor
        ever = (left > 0) & (self.slope > 1e-6)
        log = (self.height - np.log(np.where(ever, left, 1.0))) / np.where(ever, self.slope, 1.0)
        # e ** 50 is more than anybody will label.
        return np.where(ever & (log < 50), np.exp(np.minimum(log, 50.0)), np.inf)


def _fit(x: NDArray[np.float64], y: NDArray[np.float64], n: NDArray[np.float64]) -> _Curves:
    """Fit a line to log(error - floor) for every floor, and keep the best.

    Shapes: x and n (n_points,), y (n_curves, n_points). What a point counts is the inverse of its
    variance on that scale.
    """
    y = np.maximum(y, 0.5 / n)
    variance = y * (1 - y) / n + 0.25 / n**2
    floor = FLOORS[:, None] * y.min(axis=1)  # (n_floors, n_curves)
    above = y - floor[..., None]
    weight = above**2 / variance
    log_x, log_y = np.log(x), np.log(above)
    whole = weight.sum(axis=-1)
    middle_x, middle_y = (weight * log_x).sum(-1) / whole, (weight * log_y).sum(-1) / whole
    from_x, from_y = log_x - middle_x[..., None], log_y - middle_y[..., None]
    slope = -(weight * from_x * from_y).sum(-1) / (weight * from_x**2).sum(-1)
    missed = (weight * (from_y + slope[..., None] * from_x) ** 2).sum(-1)
    best = missed.argmin(axis=0), np.arange(len(y))
    return _Curves(floor[best], (middle_y + slope * middle_x)[best], slope[best])
