"""Of texts that say nearly the same, the first stands for the others."""

from collections import defaultdict
from functools import lru_cache

from ml.near_duplicates import alike, bands, shingles

# Texts that one band finds, beyond which no more are looked at: thousands of questions may begin
# alike. The first ones are, so that the order of the texts alone decides.
ROOM = 100

# Most comparisons are with texts that were compared a moment ago.
_shingles = lru_cache(maxsize=1 << 16)(shingles)


class Standing:
    """Texts that stand for those near them.

    Whoever puts the same texts in in the same order gets the same ones, on every machine.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._of_band: defaultdict[int, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._texts)

    def stands_for(self, text: str) -> bool:
        """Say whether one of the texts is a near-duplicate of normalised `text`, or `text`."""
        wanted = _shingles(text)
        return any(alike(wanted, _shingles(self._texts[mate])) for mate in self._mates(text))

    def put(self, text: str) -> None:
        """Let normalised `text` stand, whether or not others are near it."""
        place = len(self._texts)
        self._texts.append(text)
        for band in _bands(text):
            shelf = self._of_band[band]
            if len(shelf) < ROOM:
                shelf.append(place)

    def _mates(self, text: str) -> set[int]:
        shelves = self._of_band
        return {place for band in _bands(text) if band in shelves for place in shelves[band]}


# Asked for twice: to look, and to put.
@lru_cache(maxsize=64)
def _bands(text: str) -> tuple[int, ...]:
    return tuple(bands(_shingles(text)))
