"""Texts become sparse counts of their words and pieces of words, with no list of words kept.

Each piece is known by a number of 64 bits. What was learned from a text can thus be written to a
file without any of its words, and a text that nobody saw before needs nothing but this module.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

VERSION = "1"  # of the numbers that pieces have
PIECES = (2, 3, 4, 5)  # characters of a piece within a word and the spaces around it
WORDS = (1, 2)  # neighbouring words that are taken together
LONGEST = 4000  # characters that are read of one text

MARK = re.compile(r"([^\w\s])")
MARK_ALONE = r" \1 "
SPACE = 32
# Any odd factor has an inverse modulo 2 ** 64: the number of a piece is the difference of two sums.
FACTOR = 0x9E3779B97F4A7C15
INVERSE = pow(FACTOR, -1, 2**64)
BLOCK = 4096  # texts that are cut at once
MANY = 2000  # texts, from which on what one alone has tells nothing


def pieces(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.bool_]]:
    """Cut texts into whole words, pairs of words, and pieces of 2 to 5 characters of a word.

    Returns
    -------
    rows : ndarray of shape (n_pieces,)
        Row number of the text that each piece is of, ascending.
    numbers : ndarray of shape (n_pieces,)
        What piece it is. The same in every process and on every platform.
    of_words : ndarray of shape (n_pieces,)
        Whether it is a word or a pair of words, rather than a piece of one.
    """
    spaced = [_spaced(text[:LONGEST]) for text in texts]
    lengths = np.fromiter(map(len, spaced), np.int64, len(spaced))
    codes = np.frombuffer("".join(spaced).encode("utf-32-le", "surrogatepass"), np.uint32)
    if not len(codes):
        return np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.bool_)
    row_of = np.repeat(np.arange(len(spaced)), lengths)
    starts, ends, of_words = _spans(codes, row_of)
    order = np.argsort(row_of[starts], kind="stable")
    starts, ends, of_words = starts[order], ends[order], of_words[order]
    return row_of[starts], _numbers(codes, starts, ends, of_words), of_words


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
        What `matrix_of` makes of these texts, which are cut once for both.
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


def matrix_of(
    texts: Sequence[str],
    numbers: NDArray[np.uint64],
    rarity: NDArray[np.float32],
    of_words: NDArray[np.bool_],
) -> sp.csr_matrix:
    """Weigh the pieces of `texts` that `weighed` named.

    Returns
    -------
    matrix : csr_matrix of shape (n_texts, n_pieces), float32
        In each row the words have length 1, and so have the pieces of words.
    """
    shape = (len(texts), len(numbers))
    if not len(numbers):
        return sp.csr_matrix(shape, dtype=np.float32)
    blocks = []
    for at in range(0, len(texts), BLOCK):
        some = texts[at : at + BLOCK]
        rows, found, _ = pieces(some)
        column = np.searchsorted(numbers, found)
        column[column == len(numbers)] = 0
        known = numbers[column] == found
        rows, column = rows[known], column[known]
        counts = sp.csr_matrix(
            (rarity[column], (rows, column)), shape=(len(some), len(numbers)), dtype=np.float32
        )
        blocks.append(_of_length_one(counts, of_words))
    return sp.vstack(blocks, format="csr") if blocks else sp.csr_matrix(shape, dtype=np.float32)


def _of_length_one(matrix: sp.csr_matrix, of_words: NDArray[np.bool_]) -> sp.csr_matrix:
    """Scale the words of each row to length 1, and the pieces of words too."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    part = 2 * row + of_words[matrix.indices]
    squares = np.bincount(part, matrix.data.astype(np.float64) ** 2, 2 * matrix.shape[0])
    matrix.data /= np.sqrt(squares)[part].astype(np.float32)
    return matrix


def _spaced(text: str) -> str:
    """Put one space between words and marks, and around it all."""
    return f" {' '.join(MARK.sub(MARK_ALONE, text).lower().split())} "


def _spans(
    codes: NDArray[np.uint32], row_of: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Say where in `codes` pieces start and end, those of words last."""
    space = codes == SPACE
    starts, ends = [], []
    for length in PIECES:
        fits = np.ones(max(len(codes) - length + 1, 0), np.bool_)
        for inner in range(1, length - 1):
            fits &= ~space[inner : inner + len(fits)]
        if length == min(PIECES):  # the end of one text and the beginning of the next
            fits &= ~(space[: len(fits)] & space[1 : 1 + len(fits)])
        starts.append(np.flatnonzero(fits))
        ends.append(starts[-1] + length)
    of_pieces = sum(map(len, starts))
    first = np.flatnonzero(space[:-1] & ~space[1:]) + 1
    after = np.flatnonzero(~space[:-1] & space[1:]) + 1
    for count in WORDS:
        start, end = first[: len(first) - count + 1], after[count - 1 :]
        together = row_of[start] == row_of[end - 1]
        starts.append(start[together])
        ends.append(end[together])
    of_words = np.arange(sum(map(len, starts))) >= of_pieces
    return np.concatenate(starts), np.concatenate(ends), of_words


def _numbers(
    codes: NDArray[np.uint32],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    of_words: NDArray[np.bool_],
) -> NDArray[np.uint64]:
    """Return what each span spells, as a polynomial of its characters modulo 2 ** 64."""
    powers = _powers(FACTOR, len(codes))
    sums = np.concatenate([[np.uint64(0)], np.cumsum((codes + np.uint64(1)) * powers)])
    spelled = (sums[ends] - sums[starts]) * _powers(INVERSE, len(codes))[starts]
    # A word differs from the same characters inside another, and the low bits from one another.
    mixed = (spelled ^ (of_words.astype(np.uint64) << np.uint64(63))) * np.uint64(FACTOR)
    numbers: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(29))
    return numbers


def _powers(factor: int, n: int) -> NDArray[np.uint64]:
    return np.concatenate(
        [[np.uint64(1)], np.cumprod(np.full(n - 1, factor, np.uint64), dtype=np.uint64)]
    )
