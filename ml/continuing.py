"""Logistic regression goes on from weights that fitted before, and learns what is new in seconds.

A general solver stops when the mean gradient is small, and of 100,000 rows it is small from the
start: 200 corrected labels among 60,000 did not move it, and 1 % of them were answered rightly
afterwards (56 % by a fit from nothing). Told to look closer, it takes as long as from nothing.

One round here reads all rows once for the gradient, and once more to see that it did better, which
the next round begins with. What lies between is solved on a sample: rows by how wrong they are
answered, so all that is new is in it, each weighed by how likely it was drawn, and beside it the
one linear term that makes the gradient at the start that of all rows.

O. Shamir, N. Srebro and T. Zhang, "Communication-Efficient Distributed Optimization using an
Approximate Newton-type Method", ICML 2014, formula 13 with η = 1 and µ = 0; sampled by error
instead of evenly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.heads import VectorHead, fit_vector_head

SAMPLE = 12_000  # rows
# Of fewer rows scikit-learn's solver is as quick, told to look closer (heads.SUM_NEAR_ENOUGH).
FROM_ROWS = 20_000
FROM_CLASSES = 3  # of two classes, scikit-learn's regularisation is another
STEPS = 40  # of the solver on the sample
# Largest entry of all rows' mean gradient from which a sample tells too little of them to be solved
# but ROUGHLY, down to a tenth of that: closer, it leads away, and 37 of 77 classes that were new
# had not been learned after five rounds.
FAR, ROUGHLY = 1e-3, 0.1
NEAR_ENOUGH = 1e-5  # largest entry of the sample's gradient otherwise
# The same of all rows after which there is no further round, if that one was not a rough one. One
# is enough where nothing but rows is new, three or four where classes are. Who has not arrived
# after the last is fitted from nothing.
ROUNDS, ARRIVED = 5, 5e-4
# What each row has to be drawn by beside its error, as a share of the mean one: what is answered
# rightly may become wrong.
FLOOR = 0.1
HALVINGS = 4  # of a step that did no better
BLOCK = 4096  # rows at once

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def continued(
    vectors: Floats,
    codes: NDArray[np.intp],
    *,
    C: float,
    weights: Floats,
    start: VectorHead,
    random_state: int,
) -> VectorHead:
    """Fit logistic regression from `start`, which has seen most of this before.

    What is minimised is scikit-learn's: the weighted mean of −ln p, and the squares of `coef`
    over 2 C times the sum of weights.

    Parameters
    ----------
    vectors : ndarray of shape (n_rows, n_dimensions)
    codes : ndarray of shape (n_rows,)
        Class numbers, of three classes or more.
    C : float
        How far the weights may grow; more with more.
    weights : ndarray of shape (n_rows,)
        What each row counts.
    start : VectorHead
        Of the same shape. Classes that are new have zeros.
    random_state : int
        Draws the sample.

    Returns
    -------
    head : VectorHead
        Its cost is that of one fitted from nothing or less, or two hundredths more where `start`
        was far away.
    """
    rows = _rows(vectors, codes, C=C, weights=weights)
    head, cost = start, rows.cost(start)
    for number in range(ROUNDS):
        chance, before = np.random.default_rng([random_state, number]), cost
        head, cost = _no_worse(rows, head, _solved(_drawn(rows, cost, chance), head, cost), cost)
        if before.steepest <= FAR and cost.steepest <= ARRIVED:
            return head
    n_classes = len(start.intercept)
    return fit_vector_head(vectors, codes, n_classes=n_classes, C=C, weights=weights)


def cost_of(
    head: VectorHead, vectors: Floats, codes: NDArray[np.intp], *, C: float, weights: Floats
) -> float:
    """Return what `continued` minimises: the less, the better `head` fits."""
    return _rows(vectors, codes, C=C, weights=weights).cost(head).loss


def _rows(vectors: Floats, codes: NDArray[np.intp], *, C: float, weights: Floats) -> "_Rows":
    total = float(weights.sum(dtype=np.float64))
    return _Rows(vectors, codes, np.asarray(weights / total, np.float32), 1 / (C * total))


@dataclass(frozen=True)
class _Cost:
    """What is minimised, at one place.

    loss : float, with the penalty
    coef, intercept : its gradient
    errors : ndarray of shape (n_rows,), how far each row's p is from 1
    """

    loss: float
    coef: Doubles
    intercept: Doubles
    errors: Floats

    @property
    def steepest(self) -> float:
        """Largest entry of the gradient."""
        return float(max(np.abs(self.coef).max(), np.abs(self.intercept).max()))


@dataclass(frozen=True)
class _Rows:
    """Rows, what each counts, and what large weights cost. All rows count 1 in sum."""

    vectors: Floats
    codes: NDArray[np.intp]
    weights: Floats
    penalty: float

    def cost(self, head: VectorHead) -> _Cost:
        """Read a block at a time: nothing as large as all logits is ever in memory."""
        coef = head.coef.astype(np.float64)
        loss, intercept = self.penalty / 2 * float(np.square(coef).sum()), np.zeros(coef.shape[1])
        errors = np.empty(len(self.codes), np.float32)
        coef *= self.penalty
        for at in range(0, len(self.codes), BLOCK):
            which = slice(at, at + BLOCK)
            each, proba = _losses(head.logits(self.vectors[which]), self.codes[which])
            weights = self.weights[which]
            loss += float(np.dot(weights.astype(np.float64), each))
            errors[which] = -np.expm1(-np.maximum(each, 0))
            proba[np.arange(len(each)), self.codes[which]] -= 1
            proba *= weights[:, None]
            coef += self.vectors[which].T @ proba
            intercept += proba.sum(axis=0, dtype=np.float64)
        return _Cost(loss, coef, intercept, errors)


def _losses(logits: Floats, codes: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return −ln p of the right class of each row, and all p in place of the logits."""
    logits -= logits.max(axis=1, keepdims=True)
    right = logits[np.arange(len(codes)), codes]
    np.exp(logits, out=logits)
    sums = logits.sum(axis=1, keepdims=True)
    logits /= sums
    return np.log(sums[:, 0]) - right, logits


def _drawn(rows: _Rows, cost: _Cost, random: np.random.Generator) -> _Rows:
    """About SAMPLE rows, the wrong before the right, each counting for those like it."""
    errors = cost.errors
    if len(errors) <= SAMPLE:
        return rows
    wanted = (errors + FLOOR * errors.mean() + np.finfo(np.float32).tiny) * rows.weights
    chance = chances(wanted.astype(np.float64), of=SAMPLE)
    drawn = np.flatnonzero(random.random(len(errors)) < chance)
    weights = np.asarray(rows.weights[drawn] / chance[drawn], np.float32)
    return _Rows(rows.vectors[drawn], rows.codes[drawn], weights, rows.penalty)


def chances(wanted: Doubles, *, of: int) -> Doubles:
    """Return chances in proportion to `wanted`, none above 1, whose sum is `of`.

    Shapes are (n_rows,) and (n_rows,). Of no more than `of` rows that are wanted at all, each is
    certain.
    """
    if np.count_nonzero(wanted) <= of:
        return (wanted > 0).astype(np.float64)
    certain = np.zeros(len(wanted), np.bool_)
    while True:
        left = of - certain.sum()
        chance: Doubles = np.where(certain, 1.0, wanted * (left / wanted[~certain].sum()))
        if not (over := chance > 1).any():
            return chance
        certain |= over


def _solved(sample: _Rows, start: VectorHead, before: _Cost) -> VectorHead:
    """Minimise on the sample what has, at the start, the gradient of all rows."""
    from scipy.optimize import minimize  # imported here: who answers fits nothing

    here = sample.cost(start)
    slope = _in_a_row(before.coef - here.coef, before.intercept - here.intercept)

    def cost(weights: Doubles) -> tuple[float, Doubles]:
        found = sample.cost(_head(weights, like=start))
        gradient = _in_a_row(found.coef, found.intercept) + slope
        return found.loss + float(slope @ weights), gradient

    near = ROUGHLY * before.steepest if before.steepest > FAR else NEAR_ENOUGH
    options = {"maxiter": STEPS, "gtol": near, "ftol": 0, "maxls": 50}
    first = _in_a_row(start.coef, start.intercept)
    found = minimize(cost, first, jac=True, method="L-BFGS-B", options=options)
    return _head(found.x, like=start)


def _in_a_row(coef: NDArray[np.floating], intercept: NDArray[np.floating]) -> Doubles:
    return np.concatenate([coef.ravel(), intercept], dtype=np.float64)


def _head(weights: Doubles, *, like: VectorHead) -> VectorHead:
    single, n_coef = weights.astype(np.float32), like.coef.size
    return VectorHead(single[:n_coef].reshape(like.coef.shape), single[n_coef:])


def _no_worse(
    rows: _Rows, start: VectorHead, found: VectorHead, before: _Cost
) -> tuple[VectorHead, _Cost]:
    """Go as far from the start towards what was found as does all rows good."""
    for halving in range(HALVINGS + 1):
        share = np.float32(0.5**halving)
        head = VectorHead(
            start.coef + share * (found.coef - start.coef),
            start.intercept + share * (found.intercept - start.intercept),
        )
        if (after := rows.cost(head)).loss < before.loss:
            return head, after
    return start, before
