"""Texts are cut into numbered words and pieces of words, with no list of words kept.

Each piece is known by a number of 64 bits. What was learned from a text can thus be written to a
file without any of its words, and a text that nobody saw before needs nothing but this module.
"""

import re
from collections.abc import Sequence

import numpy as np
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
ALL_BITS = 2**64 - 1
INVERSE = pow(FACTOR, -1, 2**64)
BLOCK = 4096  # texts that are cut at once


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
    return pieces_of_spaced([spaced(text) for text in texts])


def pieces_of_spaced(
    spaced: Sequence[str],
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.bool_]]:
    """Return the same of texts that `spaced` returned, or words of these between two spaces."""
    lengths = np.fromiter(map(len, spaced), np.int64, len(spaced))
    codes = np.frombuffer("".join(spaced).encode("utf-32-le", "surrogatepass"), np.uint32)
    if not len(codes):
        return np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.bool_)
    row_of = np.repeat(np.arange(len(spaced)), lengths)
    starts, ends, of_words = _spans(codes, row_of)
    order = np.argsort(row_of[starts], kind="stable")
    starts, ends, of_words = starts[order], ends[order], of_words[order]
    return row_of[starts], _numbers(codes, starts, ends, of_words), of_words


def spaced(text: str) -> str:
    """Put one space between words and marks, and around it all."""
    return f" {' '.join(MARK.sub(MARK_ALONE, text[:LONGEST]).lower().split())} "


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


def spelled(word: str) -> int:
    """Return what a word spells, as a polynomial of its characters modulo 2 ** 64."""
    total, power = 0, 1
    for character in word:
        total += (ord(character) + 1) * power
        power = power * FACTOR & ALL_BITS
    return total & ALL_BITS


def joined(first: int, length: int, second: int) -> int:
    """Return what two words and the space between them spell; `length` is that of the first."""
    shift = pow(FACTOR, length, 2**64)
    return (first + (SPACE + 1 + second * FACTOR) * shift) & ALL_BITS


def number_of_words(spelled: int) -> int:
    """Return the number that `pieces` gives to a word or a pair of words."""
    mixed = (spelled ^ 1 << 63) * FACTOR & ALL_BITS
    return mixed ^ mixed >> 29


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
