"""Finds entities in a text: a conditional random field over its words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from ml.near_duplicates import UNSPACED

WORD = re.compile(rf"[{UNSPACED}]|[^\W\d_{UNSPACED}]+|\d+|[^\w\s]|_")
LONGEST = 4000  # characters that are read of one text
ROUNDS = 100  # of the solver
OUTSIDE, BEGINS, GOES_ON = "O", "B-", "I-"
HEADER = b"lCRF"  # how a file of CRFsuite begins; four bytes of its length follow


class Span(NamedTuple):
    """`start` and `end`, which is excluded, are counted in code points."""

    start: int
    end: int
    type: str


@dataclass(frozen=True)
class EntityTagger:
    """What was learned, as the bytes of CRFsuite's own file."""

    model: bytes
    types: tuple[str, ...]

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the entities of each text, from left to right. They don't overlap."""
        return [self._of(text[:LONGEST]) for text in texts]

    def _of(self, text: str) -> list[Span]:
        words = words_of(text)
        if not words:
            return []
        return spans_of(words, self._tagger.tag(features_of(text, words)))

    @cached_property
    def _tagger(self) -> Any:
        import pycrfsuite

        tagger = pycrfsuite.Tagger()
        tagger.open_inmemory(self.model)
        return tagger

    def parts(self) -> dict[str, Any]:
        return {"model": self.model, "types": list(self.types)}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> "EntityTagger":
        """Put together what `parts` took apart. CRFsuite itself would read beyond a short file."""
        model: bytes = parts["model"]
        if model[:4] != HEADER or int.from_bytes(model[4:8], "little") != len(model):
            raise ValueError("These are not the bytes of a tagger.")
        return cls(model, tuple(parts["types"]))


class Word(NamedTuple):
    text: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """Cut a text into words, numbers and single marks, with where they are."""
    return [Word(found[0], found.start(), found.end()) for found in WORD.finditer(text)]


def fit_entities(
    texts: Sequence[str], spans: Sequence[Iterable[Span | tuple[int, int, str]]]
) -> EntityTagger | None:
    """Learn to find entities; None if no text has any.

    The same texts and spans in the same order give the same tagger.

    Parameters
    ----------
    texts : sequence of n_rows str
        Also such as have no entity: they teach what is none.
    spans : sequence of n_rows iterables of (start, end, type)
        `end` is excluded. Of spans that overlap the longest counts. A span that begins or ends
        within a word takes all of the word.
    """
    rows, answers, types = [], [], set()
    for text, marked in zip(texts, spans, strict=True):
        text = text[:LONGEST]
        if not (words := words_of(text)):
            continue
        tags = tags_of(words, marked)
        types |= {tag[2:] for tag in tags} - {""}
        rows.append(features_of(text, words))
        answers.append(tags)
    if not types:
        return None
    # Imported here: it brings scikit-learn, of which finding entities needs nothing.
    from sklearn_crfsuite import CRF

    crf = CRF(algorithm="lbfgs", c1=0.05, c2=0.05, max_iterations=ROUNDS)
    crf.fit(rows, answers)
    return EntityTagger(Path(crf.modelfile.name).read_bytes(), tuple(sorted(types)))


def tags_of(words: Sequence[Word], spans: Iterable[Span | tuple[int, int, str]]) -> list[str]:
    """Say of each word whether an entity begins in it, goes on, or neither."""
    tags = [OUTSIDE] * len(words)
    for start, end, kind in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        inside = [n for n, word in enumerate(words) if word.start < end and word.end > start]
        if inside and all(tags[n] == OUTSIDE for n in inside):
            tags[inside[0]] = BEGINS + kind
            for n in inside[1:]:
                tags[n] = GOES_ON + kind
    return tags


def spans_of(words: Sequence[Word], tags: Sequence[str]) -> list[Span]:
    """Put tagged words together. One that goes on with nothing begins."""
    spans: list[Span] = []
    open_type = None
    for word, tag in zip(words, tags, strict=True):
        kind = tag[2:]
        if tag.startswith(GOES_ON) and kind == open_type:
            spans[-1] = spans[-1]._replace(end=word.end)
        elif kind:
            spans.append(Span(word.start, word.end, kind))
        open_type = kind or None
    return spans


# ── what is seen of a word ────────────────────────────────────────────────────────────


def features_of(text: str, words: Sequence[Word]) -> list[list[str]]:
    """Return what is true of each word: itself, its form, and the words around it."""
    lower = [word.text.lower() for word in words]
    shapes = [shape_of(word.text) for word in words]
    last = len(words) - 1
    return [
        [
            *_of_itself(lower[n], shapes[n]),
            *_of_neighbours(lower, shapes, n),
            f"glued={n > 0 and words[n - 1].end == words[n].start}",
            f"place={min(n, 2)}|{min(last - n, 2)}",
        ]
        for n in range(len(words))
    ]


def _of_itself(lower: str, shape: str) -> list[str]:
    cut = [f"{name}{size}={part}" for size in (2, 3, 4) for name, part in (
        ("starts", lower[:size]), ("ends", lower[-size:]))]  # fmt: skip
    return ["always", f"is={lower}", f"shape={shape}", *cut]


def _of_neighbours(lower: Sequence[str], shapes: Sequence[str], n: int) -> list[str]:
    seen = []
    for step in (-3, -2, -1, 1, 2, 3):
        if 0 <= n + step < len(lower):
            seen.append(f"{step}is={lower[n + step]}")
            if abs(step) == 1:
                seen.append(f"{step}shape={shapes[n + step]}")
                seen.append(f"{step}ends={lower[n + step][-3:]}")
    before = lower[n - 1] if n else "⟨"
    after = lower[n + 1] if n + 1 < len(lower) else "⟩"
    seen.append(f"pair={before}|{lower[n]}")
    seen.append(f"pair={lower[n]}|{after}|")
    seen.append(f"around={before}|{after}")
    if n > 1:
        seen.append(f"two={lower[n - 2]}|{before}")
    return seen


def shape_of(word: str) -> str:
    """Return what kinds of characters a word is made of, a row of the same written once."""
    kinds = "".join(
        "9" if sign.isdigit() else "X" if sign.isupper() else "x" if sign.isalpha() else sign
        for sign in word
    )
    return re.sub(r"(.)\1+", r"\1", kinds)
