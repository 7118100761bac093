"""A text as what a page shows of it: entities marked, tokens as chips, nothing unseen."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.redacting import TOKEN

# What turns the direction of a text or hides in it. Left alone is what scripts and emoji need:
# joiners, marks of direction without force, line breaks, tabs. Tag characters stay after a flag.
UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb]"
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"
)
SPECIAL = re.compile(f"(?P<token>{TOKEN.pattern})|(?P<unseen>{UNSEEN.pattern})")
LONG = 2000  # characters
NAMES = {"email": "e-mail address", "iban": "bank account", "ip": "network address"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a text. `kind` is empty for plain words."""

    text: str
    kind: str = ""  # "", "token" or "unseen"
    entity: str = ""  # the types that cover it
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class EntityShown:
    """One entity that the bot found. It is not `placed` if its span is not in the text."""

    type: str
    value: str
    placed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    pieces: list[Piece]
    entities: list[EntityShown]

    @property
    def is_long(self) -> bool:
        """Whether it gets a box that scrolls."""
        return sum(len(piece.text) for piece in self.pieces) > LONG


def shown(text: str, entities: Iterable[Mapping[str, Any]] = ()) -> Shown:
    """Cut `text` where an entity begins or ends, and at what must not be shown as it is.

    Spans may overlap or lie outside: they came from a bot.
    """
    named = [_Span.of(each, text) for each in entities]
    placed = [span for span in named if span.placed]
    edges = sorted({0, len(text), *(edge for span in placed for edge in (span.start, span.end))})
    pieces = [
        piece
        for start, end in zip(edges, edges[1:], strict=False)
        for piece in _cut(text[start:end], _types_at(start, placed))
    ]
    return Shown(pieces, [EntityShown(span.type, span.value, span.placed) for span in named])


def in_one_line(text: str) -> str:
    """`text` without breaks and without what is not seen, as a row of a list has it."""
    return " ".join(UNSEEN.sub("", text).split())


@dataclass(frozen=True, slots=True)
class _Span:
    type: str
    value: str
    start: int = 0
    end: int = 0

    @property
    def placed(self) -> bool:
        return self.end > self.start

    @classmethod
    def of(cls, entity: Mapping[str, Any], text: str) -> "_Span":
        kind, value = str(entity.get("type") or ""), entity.get("value")
        start, end = entity.get("start"), entity.get("end")
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text):
            return cls(kind, text[start:end], start, end)
        return cls(kind, str(value or ""))


def _types_at(place: int, spans: Iterable[_Span]) -> str:
    return ", ".join(dict.fromkeys(span.type for span in spans if span.start <= place < span.end))


def _cut(text: str, entity: str) -> Iterator[Piece]:
    at = 0
    for match in SPECIAL.finditer(text):
        if at < match.start():
            yield Piece(text[at : match.start()], entity=entity)
        yield _token(match, entity) if match["token"] else _unseen(match[0], entity)
        at = match.end()
    if at < len(text):
        yield Piece(text[at:], entity=entity)


def _token(match: re.Match[str], entity: str) -> Piece:
    kind = match[2]
    return Piece(kind, "token", entity, f"Personal data was taken out: {NAMES.get(kind, kind)}")


def _unseen(text: str, entity: str) -> Piece:
    codes = " ".join(dict.fromkeys(f"U+{ord(character):04X}" for character in text))
    short = codes if len(codes) <= 8 else f"{codes[:8]}…"
    return Piece(short.strip(), "unseen", entity, f"A character that is not seen: {codes[:200]}")
