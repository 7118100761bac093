"""Linear classifiers on vectors and on words: what a model version is made of.

Both answer with logits, one a class; the larger, the likelier. Both are plain arrays once fitted,
and then need numpy alone: what learns is imported by those who fit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from warnings import catch_warnings, filterwarnings

import numpy as np
from numpy.typing import NDArray

from ml.cutting import BLOCK
from ml.placing import placed

LONG_ENOUGH = 1000  # rounds of the solver; none was seen to need 200
SUM_NEAR_ENOUGH = 0.3  # largest entry of the gradient, summed over rows, of a fit that goes on
# How nearly words must have arrived. Going on to 0.001 took half as long again and was no better.
NEAR_ENOUGH = 0.3
# Of more rows than this, words are learned from a sample: beside vectors that is enough, and of
# 100,000 they would take minutes.
WORD_ROWS, WORD_SAMPLE = 15_000, 10_000


@contextmanager
def few_rows_a_class() -> Iterator[None]:
    """Don't let scikit-learn wonder whether a hundred labels of 77 intents are meant as numbers."""
    with catch_warnings():
        filterwarnings("ignore", message="The number of unique classes is greater than 50%")
        yield


@dataclass(frozen=True)
class VectorHead:
    """Logistic regression on vectors.

    coef : ndarray of shape (n_dimensions, n_classes), float32
    intercept : ndarray of shape (n_classes,), float32
    """

    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def logits(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return an array of shape (n_vectors, n_classes)."""
        logits: NDArray[np.float32] = np.asarray(vectors, np.float32) @ self.coef
        logits += self.intercept
        return logits


def fit_vector_head(
    vectors: NDArray[np.floating],
    codes: NDArray[np.intp],
    *,
    n_classes: int,
    C: float,
    weights: NDArray[np.float32],
    start: VectorHead | None = None,
) -> VectorHead:
    """Fit logistic regression, from `start` if there is one: it then takes less time.

    scikit-learn is near enough where the mean gradient is small. One that goes on from `start` is
    held to the sum of it, or few new labels among many would not be learned.

    Parameters
    ----------
    vectors : ndarray of shape (n_rows, n_dimensions)
    codes : ndarray of shape (n_rows,)
        Class numbers. Each of 0 to n_classes - 1 occurs.
    C : float
        How far the weights may grow; more with more.
    weights : ndarray of shape (n_rows,)
        What each row counts.
    start : VectorHead, default=None
        Of the same shape.
    """
    from sklearn.linear_model import LogisticRegression

    solver = LogisticRegression(C=C, max_iter=LONG_ENOUGH, warm_start=True)
    if start is not None:
        solver.coef_, solver.intercept_ = _as_started(start, n_classes)
        solver.tol = min(solver.tol, SUM_NEAR_ENOUGH / len(codes))
    with few_rows_a_class():
        solver.fit(np.asarray(vectors, np.float32), codes, sample_weight=weights)
    coef, intercept = solver.coef_.T, solver.intercept_
    if n_classes == 2:  # of which the solver keeps one
        coef, intercept = np.hstack([-coef, coef]) / 2, np.repeat(intercept, 2) * [-0.5, 0.5]
    return VectorHead(
        np.ascontiguousarray(coef, np.float32), np.ascontiguousarray(intercept, np.float32)
    )


def _as_started(
    head: VectorHead, n_classes: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if n_classes == 2:
        return (head.coef[:, 1:] - head.coef[:, :1]).T, np.diff(head.intercept)
    return np.ascontiguousarray(head.coef.T), head.intercept.copy()


@dataclass(frozen=True)
class WordHead:
    """Support vector machine on words and pieces of words, one class against the others.

    numbers : ndarray of shape (n_pieces,), uint64
        Which pieces count, ascending.
    rarity : ndarray of shape (n_pieces,), float32
        What each weighs in a text: its inverse document frequency.
    of_words : ndarray of shape (n_pieces,), bool
    coef : ndarray of shape (n_pieces, n_classes), float32
    intercept : ndarray of shape (n_classes,), float32
    """

    numbers: NDArray[np.uint64]
    rarity: NDArray[np.float32]
    of_words: NDArray[np.bool_]
    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (n_texts, n_classes)."""
        out = np.empty((len(texts), len(self.intercept)), np.float32)
        for at in range(0, len(texts), BLOCK):
            self._add_up(texts[at : at + BLOCK], out[at : at + BLOCK])
        out += self.intercept
        return out

    def _add_up(self, texts: Sequence[str], out: NDArray[np.float32]) -> None:
        rows, columns, weights = placed(texts, self.numbers, self.rarity, self.of_words)
        starts = np.searchsorted(rows, np.arange(len(texts) + 1)).tolist()
        for row, (start, end) in enumerate(pairwise(starts)):
            out[row] = weights[start:end] @ self.coef[columns[start:end]]


def fit_word_head(
    texts: Sequence[str],
    codes: NDArray[np.intp],
    *,
    n_classes: int,
    C: float,
    weights: NDArray[np.float32],
    random_state: int,
) -> WordHead:
    """Fit one support vector machine a class.

    Parameters
    ----------
    texts : sequence of n_rows str
    codes : ndarray of shape (n_rows,)
        Class numbers. Each of 0 to n_classes - 1 occurs.
    C : float
        How much a text on the wrong side costs.
    weights : ndarray of shape (n_rows,)
        What each row counts.
    random_state : int
        Orders the rows that the solver looks at.
    """
    from sklearn.svm import LinearSVC

    from ml.pieces import weighed

    numbers, rarity, of_words, matrix = weighed(texts)
    solver = LinearSVC(C=C, max_iter=LONG_ENOUGH, tol=NEAR_ENOUGH, random_state=random_state)
    with few_rows_a_class():
        solver.fit(matrix, codes, sample_weight=weights)
    coef, intercept = solver.coef_.T, solver.intercept_
    if n_classes == 2:
        coef, intercept = np.hstack([-coef, coef]), np.repeat(intercept, 2) * [-1, 1]
    return WordHead(
        numbers,
        rarity,
        of_words,
        np.ascontiguousarray(coef, np.float32),
        np.ascontiguousarray(intercept, np.float32),
    )


Head = VectorHead | WordHead
