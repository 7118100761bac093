"""Which texts say nearly the same in nearly the same words.

All functions take normalised texts, or what `shingles` made of them.
"""

import re
from collections.abc import Set
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

# Two texts that share this much of their shingles count once.
ALIKE = 0.6

# Scripts that put no spaces between words: there a character is what a word is elsewhere.
# Thai, Lao, Myanmar, Khmer, kana, Chinese characters.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")


def shingles(text: str) -> frozenset[str]:
    """Return every two neighbouring words of `text`, or all of it when it has fewer than two."""
    words = WORD.findall(text)
    if len(words) < 2:
        return frozenset(words or [text])
    return frozenset(map(" ".join, zip(words, words[1:], strict=False)))


def jaccard(a: Set[str], b: Set[str]) -> float:
    """Return the share of all shingles of two texts that both have, in [0, 1]."""
    both = len(a & b)
    return both / (len(a) + len(b) - both)


def alike(a: Set[str], b: Set[str]) -> bool:
    """Say whether two texts are near-duplicates."""
    if min(len(a), len(b)) < ALIKE * max(len(a), len(b)):  # no need to look at the words
        return False
    return jaccard(a, b) >= ALIKE


# ── finding them ──────────────────────────────────────────────────────────────────────

# Two texts of Jaccard j have at least one band in common with a probability of
# 1 - (1 - j ** ROWS) ** BANDS: 0.4: 0.74, 0.5: 0.93, 0.6: 0.992, 0.7: 0.9998; 0.2: 0.15, 0.1: 0.02.
BANDS, ROWS = 20, 3


def bands(a: Set[str]) -> list[int]:
    """Return BANDS signed 64-bit numbers, of which near-duplicates share at least one.

    MinHash: for each of BANDS * ROWS fixed orders of all shingles, the first one that the text
    has; ROWS of these are put into one number. The same in every process and on every platform.
    """
    hashed = np.frombuffer(b"".join(map(_hashed, a)), dtype="<u8")
    first = ((hashed[:, None] ^ _MASKS) * _FACTORS).min(axis=0)
    mixed = (first * _FACTORS).reshape(BANDS, ROWS).sum(axis=1, dtype=np.uint64)
    numbers: list[int] = mixed.view(np.int64).tolist()
    return numbers


def _hashed(shingle: str) -> bytes:
    return blake2b(shingle.encode(), digest_size=8).digest()


def _constants(name: bytes) -> NDArray[np.uint64]:
    """Return BANDS * ROWS numbers that look drawn and never change."""
    drawn = (blake2b(b"%s %d" % (name, i), digest_size=8).digest() for i in range(BANDS * ROWS))
    return np.frombuffer(b"".join(drawn), dtype="<u8").astype(np.uint64)


_MASKS = _constants(b"mask")
_FACTORS = _constants(b"factor") | np.uint64(1)  # odd, so that no two hashes become one
