"""What is learned from, and how it is parted without tearing a conversation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

LARGEST_WEIGHT = 3.0
BLOCK = 4096  # rows that are made single precision at once

Intents = NDArray[np.str_] | NDArray[np.intp]
Groups = NDArray[np.str_] | NDArray[np.int64]


class TooLittle(ValueError):
    """What there is cannot teach anything. The sentence says what is missing."""


@dataclass(frozen=True)
class Examples:
    """Texts and what they mean.

    texts : sequence of n_rows str
    vectors : ndarray of shape (n_rows, n_dimensions), float16 or float32
        Of one encoder version, of length 1. May be mapped from a file.
    intents : ndarray of shape (n_rows,) of str
    groups : ndarray of shape (n_rows,) of int or str
        Conversations. Rows of one group are never on two sides.
    weights : ndarray of shape (n_rows,), default=None
        What each row counts; 1 if not given.
    """

    texts: Sequence[str]
    vectors: NDArray[np.floating]
    intents: Intents
    groups: Groups
    weights: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        lengths = {len(self.texts), len(self.vectors), len(self.intents), len(self.groups)}
        if len(lengths) > 1:
            raise ValueError("Texts, vectors, intents and groups must have as many rows.")

    def __len__(self) -> int:
        return len(self.intents)

    def at(self, rows: NDArray[np.intp]) -> "Examples":
        """Return these rows, in this order. Nothing is copied of rows one behind the other."""
        which = _as_slice(rows)
        return replace(
            self,
            texts=[self.texts[row] for row in rows.tolist()],
            vectors=self.vectors[which],
            intents=self.intents[which],
            groups=self.groups[which],
            weights=None if self.weights is None else self.weights[which],
        )

    def in_single_precision(self, rows: NDArray[np.intp]) -> "Examples":
        """Return these rows, in this order, with vectors that solvers take as they are."""
        vectors = np.empty((len(rows), *self.vectors.shape[1:]), np.float32)
        for at in range(0, len(rows), BLOCK):
            vectors[at : at + BLOCK] = self.vectors[rows[at : at + BLOCK]]
        others = replace(self, vectors=self.vectors[:, :0]).at(rows)
        return replace(others, vectors=vectors)


def _as_slice(rows: NDArray[np.intp]) -> NDArray[np.intp] | slice:
    """Say the same of rows one behind the other, so that they need no copy."""
    if len(rows) and (np.diff(rows) == 1).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def numbered(examples: Examples) -> tuple[NDArray[np.str_], Examples]:
    """Return the names of intents, and examples with numbers for intents.

    Comparing a million names takes seconds; it is done once. Conversations keep their keys: who is
    held out goes by them. Raise TooLittle below two intents.
    """
    classes, codes = coded(examples.intents)
    return np.asarray(classes, np.str_), replace(examples, intents=codes)


def coded(intents: Intents) -> tuple[Intents, NDArray[np.intp]]:
    """Return what there is in order, and each row's place among them. Raise TooLittle below two."""
    classes: Intents
    classes, codes = np.unique(intents, return_inverse=True)  # type: ignore[assignment]
    if len(classes) < 2:
        found = f'only one: "{classes[0]}"' if len(classes) else "none"
        raise TooLittle(
            f"Training needs examples of at least two intents, and there is {found}. "
            "Label turns of another intent, then train again."
        )
    return classes, codes


def evened(codes: NDArray[np.intp], weights: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Let rare classes count more, by the root of how rare they are, and at most threefold.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,)
        Class numbers.
    weights : ndarray of shape (n_rows,) or None
        What each row counts by itself.

    Returns
    -------
    weights : ndarray of shape (n_rows,)
        Their mean is that of `weights`.
    """
    counts = np.bincount(codes)
    rare = np.sqrt(np.median(counts[counts > 0]) / np.maximum(counts, 1))
    own = np.ones(len(codes)) if weights is None else np.asarray(weights, np.float64)
    both = own * np.clip(rare, 1, LARGEST_WEIGHT)[codes]
    return np.asarray(both * (own.sum() / both.sum()), np.float32)


def folds_of(
    codes: NDArray[np.intp],
    groups: Groups,
    *,
    n: int,
    random_state: int,
) -> NDArray[np.intp]:
    """Deal conversations to n parts so that each has about its share of every class.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,)
        Class numbers.
    groups : ndarray of shape (n_rows,)
        Conversations.
    n : int
        How many parts.

    Returns
    -------
    part : ndarray of shape (n_rows,)
        0 to n - 1. A class with conversations enough is in as many parts as it can be.
    """
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    shuffled = np.random.default_rng(random_state).permutation(len(first))
    order = shuffled[np.argsort(codes[first][shuffled], kind="stable")]
    part = np.empty(len(first), np.intp)
    part[order] = np.arange(len(first)) % n
    return part[group]


def about(
    codes: NDArray[np.intp],
    groups: Groups,
    *,
    rows: int,
    random_state: int,
) -> NDArray[np.intp]:
    """Pick about that many rows, whole conversations, each class by its share; ascending."""
    if len(codes) <= rows:
        return np.arange(len(codes))
    parts = max(1, round(len(codes) / rows))
    return np.flatnonzero(folds_of(codes, groups, n=parts, random_state=random_state) == 0)


def drawn_by_key(groups: NDArray[np.int64] | NDArray[np.str_]) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each conversation's key, as good as drawn and always the same.

    Shapes are (n_rows,) and (n_rows,).
    """
    keys, place = np.unique(groups, return_inverse=True)
    digests = b"".join(blake2b(str(key).encode(), digest_size=8).digest() for key in keys.tolist())
    drawn: NDArray[np.float64] = np.frombuffer(digests, ">u8").astype(np.float64) / 2**64
    return drawn[place]
