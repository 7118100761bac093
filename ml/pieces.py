"""Texts become sparse, weighed counts of their words and pieces of words (ml/cutting.py)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ml.cutting import BLOCK, VERSION, pieces

__all__ = ["BLOCK", "MANY", "VERSION", "pieces", "weighed"]

MANY = 2000  # texts, from which on what one alone has tells nothing


def weighed(
    texts: Sequence[str],
) -> tuple[NDArray[np.uint64], NDArray[np.float32], NDArray[np.bool_], sp.csr_matrix]:
    """Say which pieces of `texts` tell something and how much, and weigh those of each text.

    Returns
    -------
    numbers : ndarray of shape (n_pieces,)
        Ascending. With many texts a piece must be in two of them.
    rarity : ndarray of shape (n_pieces,)
        Inverse document frequency, at least 1.
    of_words : ndarray of shape (n_pieces,)
    matrix : csr_matrix of shape (n_texts, n_pieces), float32
        In each row the words have length 1, and so have the pieces of words, as in `ml.placing`.
    """
    blocks = [_counted(texts[at : at + BLOCK]) for at in range(0, len(texts), BLOCK)]
    if not blocks:
        none = sp.csr_matrix((0, 0), dtype=np.float32)
        return np.empty(0, np.uint64), np.empty(0, np.float32), np.empty(0, np.bool_), none
    numbers, first, column = np.unique(
        np.concatenate([block.numbers for block in blocks]), return_index=True, return_inverse=True
    )
    frequency = np.bincount(column, np.concatenate([block.frequency for block in blocks]))
    kept = frequency >= (2 if len(texts) >= MANY else 1)
    rarity = (np.log((1 + len(texts)) / (1 + frequency[kept])) + 1).astype(np.float32)
    of_words = np.concatenate([block.of_words for block in blocks])[first][kept]
    place = np.where(kept, np.cumsum(kept) - 1, -1)[column]
    ends = np.cumsum([len(block.numbers) for block in blocks])[:-1]
    matrix = sp.vstack(
        [
            _of_length_one(_placed(block.counts, of_block, rarity), of_words)
            for block, of_block in zip(blocks, np.split(place, ends), strict=True)
        ],
        format="csr",
    )
    return numbers[kept], rarity, of_words, matrix


@dataclass(frozen=True)
class _Block:
    """The pieces of some texts: their numbers, how many texts have each, and how often each has."""

    numbers: NDArray[np.uint64]
    frequency: NDArray[np.intp]
    of_words: NDArray[np.bool_]
    counts: sp.csr_matrix


def _counted(texts: Sequence[str]) -> _Block:
    rows, found, of_words = pieces(texts)
    numbers, first, column = np.unique(found, return_index=True, return_inverse=True)
    counts = sp.csr_matrix(
        (np.ones(len(rows), np.float32), (rows, column)), shape=(len(texts), len(numbers))
    )
    frequency = np.bincount(counts.indices, minlength=len(numbers))
    return _Block(numbers, frequency, of_words[first], counts)


def _placed(
    counts: sp.csr_matrix, place: NDArray[np.intp], rarity: NDArray[np.float32]
) -> sp.csr_matrix:
    """Bring columns to their places, those at -1 left out, and weigh them."""
    column = place[counts.indices]
    kept = column >= 0
    starts = np.concatenate([[0], np.cumsum(kept)])[counts.indptr]
    column = column[kept]
    shape = (counts.shape[0], len(rarity))
    return sp.csr_matrix((counts.data[kept] * rarity[column], column, starts), shape=shape)


def _of_length_one(matrix: sp.csr_matrix, of_words: NDArray[np.bool_]) -> sp.csr_matrix:
    """Scale the words of each row to length 1, and the pieces of words too."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    part = 2 * row + of_words[matrix.indices]
    squares = np.bincount(part, matrix.data.astype(np.float64) ** 2, 2 * matrix.shape[0])
    matrix.data /= np.sqrt(squares)[part].astype(np.float32)
    return matrix
