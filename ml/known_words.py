"""Words are remembered with their pieces, for who reads one text after another.

To cut a text takes a hundred small steps of numpy, whatever its length, and each of them finds
nothing of what it needs in the processor's caches once an encoder has read its weights. Texts are
made of the same few thousand words, so their pieces are looked up once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml import cutting
from ml.heads import WordHead

FEW = 4  # texts; more are cut together sooner
MOST_KNOWN = 20_000  # words, then it begins anew: some 10 MB
LONGEST_KNOWN = 40  # characters; what is longer is an address or a key, and does not come again


class _Word(NamedTuple):
    """A word that was met.

    columns : ndarray of shape (n_known_pieces,)
        Places of its pieces, and of itself, among those that were learned.
    spelled : int
        As a polynomial of its characters; with it the number of a pair needs no characters.
    """

    columns: NDArray[np.intp]
    spelled: int
    length: int


@dataclass(frozen=True)
class KnownWordHead(WordHead):
    """The same head with the same answers, to the bit."""

    known: dict[str, _Word] = field(default_factory=dict, repr=False, compare=False)

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if len(texts) > FEW or not len(self.numbers):
            return super().logits(texts)
        out = np.empty((len(texts), len(self.intercept)), np.float32)
        for row, text in enumerate(texts):
            out[row] = self._logits_of_one(text)
        return out

    def _logits_of_one(self, text: str) -> NDArray[np.float32]:
        met = [self._met(word) for word in cutting.spaced(text).split()]
        columns = [word.columns for word in met]
        columns.append(self._columns_of(_pairs(met)))
        column, count = np.unique(np.concatenate(columns), return_counts=True)
        weights: NDArray[np.float32] = count.astype(np.float32) * self.rarity[column]
        part = self.of_words[column].astype(np.intp)
        squares = np.bincount(part, weights.astype(np.float64) ** 2, 2)
        weights /= np.sqrt(squares)[part].astype(np.float32)
        logits: NDArray[np.float32] = weights @ self.coef[column] + self.intercept
        return logits

    def _met(self, word: str) -> _Word:
        known = self.known.get(word)
        if known is None:
            _, numbers, _ = cutting.pieces_of_spaced([f" {word} "])
            known = _Word(self._columns_of(numbers), cutting.spelled(word), len(word))
            self._remember(word, known)
        return known

    def _remember(self, word: str, known: _Word) -> None:
        if len(word) > LONGEST_KNOWN:
            return
        if len(self.known) >= MOST_KNOWN:
            self.known.clear()
        self.known[word] = known

    def _columns_of(self, numbers: NDArray[np.uint64]) -> NDArray[np.intp]:
        column: NDArray[np.intp] = np.searchsorted(self.numbers, numbers)
        column[column == len(self.numbers)] = 0
        known: NDArray[np.intp] = column[self.numbers[column] == numbers]
        return known


def _pairs(words: Sequence[_Word]) -> NDArray[np.uint64]:
    """Return the numbers of neighbouring words taken together."""
    numbers = [
        cutting.number_of_words(cutting.joined(first.spelled, first.length, second.spelled))
        for first, second in zip(words, words[1:], strict=False)
    ]
    return np.array(numbers, np.uint64)


def with_memory(head: WordHead) -> KnownWordHead:
    """Make ready for single texts."""
    return KnownWordHead(**{each.name: getattr(head, each.name) for each in fields(WordHead)})
