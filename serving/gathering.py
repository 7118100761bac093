"""Has several threads do their work together: what comes while one works is done at once after it.

An encoder takes 64 texts in the time of twenty single ones, and threads that encode side by side
fight over the interpreter and over memory.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
AT_ONCE = 64  # texts; more are not done sooner, and others wait


class _Wish:
    __slots__ = ("error", "texts", "vectors")

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.vectors: Vectors | None = None
        self.error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.vectors is not None or self.error is not None


class Together:
    """Encodes for many threads, in the order in which they came."""

    def __init__(self, encode: Callable[[Sequence[str]], Any]) -> None:
        self._encode = encode
        self._waiting: deque[_Wish] = deque()
        self._turn = Lock()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (n_texts, n_dimensions). Raise what encoding raises."""
        mine = _Wish(texts)
        self._waiting.append(mine)
        with self._turn:
            # Whoever had the turn before may have done it.
            while not mine.is_done:
                self._do(self._next())
        if mine.error is not None:
            raise mine.error
        assert mine.vectors is not None  # noqa: S101  # for the types
        return mine.vectors

    def _next(self) -> list[_Wish]:
        wishes, number = [self._waiting.popleft()], 0
        number = len(wishes[0].texts)
        while self._waiting and number + len(self._waiting[0].texts) <= AT_ONCE:
            wishes.append(self._waiting.popleft())
            number += len(wishes[-1].texts)
        return wishes

    def _do(self, wishes: Sequence[_Wish]) -> None:
        try:
            vectors = self._encode([text for wish in wishes for text in wish.texts])
        except Exception as error:  # noqa: BLE001  whatever it is, each of them hears of it
            for wish in wishes:
                wish.error = error
            return
        start = 0
        for wish in wishes:
            end = start + len(wish.texts)
            wish.vectors = vectors[start:end]
            start = end
