"""Which intents are taken for which."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.pairing import OUT_OF_SCOPE, Paired

PAIRS, HEATED = 20, 12


@dataclass(frozen=True)
class ConfusedPair:
    """One intent that was answered with another.

    truth, answer : str, str
        OUT_OF_SCOPE where there is none, or it was declined.
    candidate, live : int
        Rows on which each version did so.
    share : float
        `candidate` over all rows whose truth it is, in [0, 1].
    """

    truth: str
    answer: str
    candidate: int
    live: int
    share: float


@dataclass(frozen=True)
class Confusion:
    """Where the candidate errs most.

    pairs : tuple of ConfusedPair
        The most frequent first; of equally frequent ones by name.
    names : tuple of str
        Intents of the first pairs, in order.
    matrix : tuple of tuples of int, len(names) x len(names)
        Rows by truth (down) and the candidate's answer (across), among these intents alone.
    """

    pairs: tuple[ConfusedPair, ...]
    names: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]


def most_confused(paired: Paired, *, n: int = PAIRS, heated: int = HEATED) -> Confusion:
    """Find the n pairs that the candidate confuses most, and a matrix of `heated` intents."""
    together = np.concatenate([paired.truth, paired.live, paired.candidate]).astype(np.str_)
    names, codes = np.unique(together, return_inverse=True)
    true, live, candidate = np.split(codes.reshape(-1).astype(np.int64), 3)
    of_candidate = _pairs(true, candidate, n=len(names))
    of_live = _pairs(true, live, n=len(names))
    rows = np.bincount(true, minlength=len(names))
    order = sorted(of_candidate, key=lambda pair: (-of_candidate[pair], pair))[:n]
    pairs = tuple(
        ConfusedPair(
            str(names[truth]),
            str(names[answer]),
            of_candidate[truth, answer],
            of_live.get((truth, answer), 0),
            float(of_candidate[truth, answer] / rows[truth]),
        )
        for truth, answer in order
    )
    shown = _first(order, np.flatnonzero(names == OUT_OF_SCOPE).tolist(), n=heated)
    return Confusion(
        pairs, tuple(str(names[one]) for one in shown), _matrix(true, candidate, shown)
    )


def _pairs(
    true: NDArray[np.int64], said: NDArray[np.int64], *, n: int
) -> dict[tuple[int, int], int]:
    """Count the rows of each (truth, answer) that differ."""
    wrong = true != said
    cells, counts = np.unique(true[wrong] * n + said[wrong], return_counts=True)
    places = zip((cells // max(n, 1)).tolist(), (cells % max(n, 1)).tolist(), strict=True)
    return dict(zip(places, counts.tolist(), strict=True))


def _first(order: list[tuple[int, int]], left_out: list[int], *, n: int) -> list[int]:
    """Take what occurs in the first pairs until there are n, in order of name."""
    found = dict.fromkeys(one for pair in order for one in pair if one not in left_out)
    return sorted(list(found)[:n])


def _matrix(
    true: NDArray[np.int64], said: NDArray[np.int64], shown: list[int]
) -> tuple[tuple[int, ...], ...]:
    n = len(shown)
    both = np.isin(true, shown) & np.isin(said, shown)
    down, across = np.searchsorted(shown, true[both]), np.searchsorted(shown, said[both])
    counts = np.bincount(down * n + across, minlength=n * n).reshape(n, n)
    return tuple(tuple(row) for row in counts.tolist())
