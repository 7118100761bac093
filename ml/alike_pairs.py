"""Which vectors lie close to which, each with its closest few: the graph that grouping walks on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 1024  # rows that are multiplied at once: 4 MB of cosines, which a cache holds
# Of equally alike ones it counts who comes next, or all would have the same few.
NEXT = 1e-5
# So few vectors say little of where their middle lies.
UNCERTAIN = 100


@dataclass(frozen=True)
class Pairs:
    """Each pair once, the most alike first; of equally alike ones the first rows.

    one, other : ndarray of shape (n_pairs,)
        Row numbers, one < other.
    cosine : ndarray of shape (n_pairs,)
        How alike they are, in [-1, 1].
    """

    one: NDArray[np.intp]
    other: NDArray[np.intp]
    cosine: NDArray[np.float32]


def centred(
    vectors: NDArray[np.floating], around: NDArray[np.floating] | None = None
) -> NDArray[np.float32]:
    """Return vectors as they differ from what all of them have in common, at length 1.

    Turns of one bot are about one business, so all of them point in about one direction, which
    tells nothing. On BANKING77 groups of the same size are 89 % pure with it taken away, and 84 %
    without.

    Parameters
    ----------
    vectors : ndarray of shape (n_vectors, n_dimensions)
        Of length 1, or zero. Half precision is enough.
    around : ndarray of shape (n_rows, n_dimensions), default=None
        What the middle is taken of; `vectors` if not given. Fewer than some hundred count less:
        the middle is multiplied by n_rows / (n_rows + 100).

    Returns
    -------
    centred : ndarray of shape (n_vectors, n_dimensions)
        Of length 1; zero where nothing is left.
    """
    given = np.asarray(vectors, np.float32)
    rows = given if around is None else np.asarray(around, np.float32)
    if not len(rows):
        return given
    middle = rows.sum(axis=0, dtype=np.float64) / (len(rows) + UNCERTAIN)
    return of_length_one(given - middle.astype(np.float32))


def of_length_one(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each row at length 1; one of next to no length as zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = np.where(length > 1e-6, vectors / np.maximum(length, 1e-6), 0)
    return scaled


def alike_pairs(vectors: NDArray[np.float32], *, n: int, least: float, block: int = BLOCK) -> Pairs:
    """Find for each row the n most alike others, as far as these are alike enough.

    Exact. Every pair of blocks is multiplied once, for both of its sides: half the work of asking
    for each row by itself.

    Parameters
    ----------
    vectors : ndarray of shape (n_vectors, n_dimensions)
        Of length 1, or zero.
    n : int
        How many others of each row, at least 1. A row may be in more pairs, as one of another's.
    least : float
        The cosine from which on two count as alike.
    block : int, default=1024
        Rows multiplied at once. It changes the time it takes and nothing else.
    """
    best = _Best(len(vectors), n=n, least=least)
    for start in range(0, len(vectors), block):
        rows = vectors[start : start + block]
        for below in range(start, len(vectors), block):
            cosine = rows @ vectors[below : below + block].T
            if below == start:
                np.fill_diagonal(cosine, -2.0)
            else:
                best.look_at(np.ascontiguousarray(cosine.T), below, start)
            best.look_at(cosine, start, below)
    return _each_once(*_first_n(*best.found(), n=n), n_vectors=len(vectors))


class _Best:
    """Collects what may be among the n best of each row, from blocks of cosines."""

    def __init__(self, n_vectors: int, *, n: int, least: float) -> None:
        self._n = n
        # Of a row, what n others have reached in one block: less is not among the n best.
        self._bar = np.full(n_vectors, least, np.float32)
        self._found: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]] = []

    def look_at(self, cosine: NDArray[np.float32], start: int, below: int) -> None:
        """Take what is good enough from cosines of rows from `start` on, with others from `below`
        on."""
        bar = self._bar[start : start + len(cosine)]
        enough = cosine >= bar[:, None]
        many = np.flatnonzero(enough.sum(axis=1) > self._n)
        if len(many):
            places = np.arange(cosine.shape[1])
            ahead = (places - many[:, None]) % cosine.shape[1]
            asked = cosine[many] - np.float32(NEXT / cosine.shape[1]) * ahead.astype(np.float32)
            kept = np.argpartition(-asked, self._n - 1, axis=1)[:, : self._n]
            enough[many] = False
            enough[many[:, None], kept] = True
            bar[many] = np.maximum(bar[many], cosine[many[:, None], kept].min(axis=1))
        row, other = np.nonzero(enough)
        self._found.append((row + start, other + below, cosine[row, other]))

    def found(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
        """Return rows, others, and their cosines."""
        nothing = np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.float32)
        one, other, cosine = zip(*(self._found or [nothing]), strict=True)
        return np.concatenate(one), np.concatenate(other), np.concatenate(cosine)


def _first_n(
    one: NDArray[np.intp], other: NDArray[np.intp], cosine: NDArray[np.float32], *, n: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Keep the n most alike others of each row."""
    ahead = (other - one) % (int(one.max(initial=0)) + 1)
    order = np.lexsort((ahead, -cosine.round(4), one))
    one, other, cosine = one[order], other[order], cosine[order]
    begins = np.r_[True, one[1:] != one[:-1]] if len(one) else np.empty(0, bool)
    place = np.arange(len(one)) - np.flatnonzero(begins)[np.cumsum(begins) - 1]
    return one[place < n], other[place < n], cosine[place < n]


def _each_once(
    one: NDArray[np.intp], other: NDArray[np.intp], cosine: NDArray[np.float32], *, n_vectors: int
) -> Pairs:
    low, high = np.minimum(one, other), np.maximum(one, other)
    _, first = np.unique(low * n_vectors + high, return_index=True)
    low, high, cosine = low[first], high[first], cosine[first]
    order = np.lexsort((high, low, -cosine))
    return Pairs(low[order], high[order], cosine[order])
