"""Personal data is taken out of a text before the text is stored."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.redacting.addresses import ipv4, ipv6
from ingest.redacting.bank_numbers import cards, ibans
from ingest.redacting.mail import emails
from ingest.redacting.own_ids import BadPattern, compiled, ids_like
from ingest.redacting.phones import phones
from ingest.redacting.shadow import COVER, INVISIBLE, TELLTALE, TO_ASCII, Finder, cover, covered

__all__ = ["TOKEN", "BadPattern", "Found", "Redaction", "compile_patterns", "redact"]

Kind = Literal["id", "email", "iban", "ip", "card", "phone"]
KindSpan = tuple[int, int, Kind]

# Mathematical brackets: no markup knows them. With neither a digit nor an @ inside, a
# token is never found again.
TOKEN = re.compile("⟨(id|email|iban|ip|card|phone)⟩")


@dataclass(frozen=True, slots=True)
class Found:
    """One token in the new text. What stood there is kept nowhere."""

    kind: Kind
    start: int
    end: int
    old_start: int
    old_end: int


@dataclass(frozen=True, slots=True)
class Redaction:
    text: str
    found: tuple[Found, ...] = ()

    @property
    def counts(self) -> dict[Kind, int]:
        return dict(Counter(each.kind for each in self.found))

    def moved(self, start: int, end: int) -> tuple[int, int]:
        """Where the span of the old text is in the new one. What a token cut into holds it all."""
        cut = [each for each in self.found if each.old_start < end and each.old_end > start]
        first = cut[0].start if cut and cut[0].old_start <= start else _moved(start, self.found)
        last = cut[-1].end if cut and cut[-1].old_end >= end else _moved(end, self.found)
        return first, last

    def moved_back(self, start: int, end: int) -> tuple[int, int]:
        """Where the span of this text was in the old one. What cuts into a token holds it all."""
        cut = [each for each in self.found if each.start < end and each.end > start]
        first = cut[0].old_start if cut and cut[0].start <= start else _back(start, self.found)
        last = cut[-1].old_end if cut and cut[-1].end >= end else _back(end, self.found)
        return first, last


def redact(text: str, *, patterns: Sequence[re.Pattern[str]] = ()) -> Redaction:
    """Replace personal data in `text` by tokens like ⟨email⟩.

    `patterns` are the ids of one bot, from `compile_patterns`. Redacting twice is
    redacting once.
    """
    if not patterns and not TELLTALE.search(text):
        return Redaction(text)
    spans = (_spans_of if text.isascii() else _spans_in_any_script)(text, patterns)
    return _replaced(text, sorted(spans)) if spans else Redaction(text)


def compile_patterns(patterns: Iterable[str]) -> list[re.Pattern[str]]:
    """Compile what a bot's own ids look like, or raise BadPattern.

    An id is a whole word, in capitals or not. `re` knows no time limit, so what could take
    long is refused before it runs: repetitions without an upper end, groups that repeat,
    looking around and back. What is left can match in a countable number of ways from one
    place, and that number is limited.
    """
    return [compiled(pattern) for pattern in patterns]


def _replaced(text: str, spans: list[KindSpan]) -> Redaction:
    pieces: list[str] = []
    found: list[Found] = []
    length = copied = 0
    for start, end, kind in spans:
        token = f"⟨{kind}⟩"
        pieces += (text[copied:start], token)
        length += start - copied + len(token)
        found.append(Found(kind, length - len(token), length, start, end))
        copied = end
    pieces.append(text[copied:])
    return Redaction("".join(pieces), tuple(found))


def _moved(place: int, found: Sequence[Found]) -> int:
    """Where `place`, which no token covers, came to be."""
    before = [each for each in found if each.old_end <= place]
    return place + before[-1].end - before[-1].old_end if before else place


def _back(place: int, found: Sequence[Found]) -> int:
    """Where `place`, which is in no token, was."""
    before = [each for each in found if each.end <= place]
    return place + before[-1].old_end - before[-1].end if before else place


FINDERS: tuple[tuple[Kind, Finder], ...] = (
    ("email", emails),
    ("iban", ibans),
    ("ip", ipv6),
    ("ip", ipv4),
    ("card", cards),
    ("phone", phones),
)


def _spans_in_any_script(text: str, patterns: Sequence[re.Pattern[str]]) -> list[KindSpan]:
    shadow = TOKEN.sub(cover, text.translate(TO_ASCII))
    if not INVISIBLE.search(shadow):
        return _spans_of(shadow, patterns)
    spans: list[KindSpan] = []
    for _ in range(MOST_ROUNDS):
        found = _spans_past_the_invisible(shadow, patterns)
        if not found:
            break
        spans += found
        shadow = covered(shadow, [(start, end) for start, end, _ in sorted(found)])
    return spans


def _spans_past_the_invisible(shadow: str, patterns: Sequence[re.Pattern[str]]) -> list[KindSpan]:
    """Read invisible characters as nothing, and what is left once more with spaces for them.

    Inside a number they hide it; between two words they may be all that parts the two.
    """
    seen: list[int] = []
    at = 0
    for match in INVISIBLE.finditer(shadow):
        seen += range(at, match.start())
        at = match.end()
    seen += range(at, len(shadow))
    # Without them a token that was typed in pieces is one.
    dense = TOKEN.sub(cover, INVISIBLE.sub("", shadow))
    spans = [
        (seen[start], seen[end - 1] + 1, kind) for start, end, kind in _spans_of(dense, patterns)
    ]
    left = covered(shadow, [(start, end) for start, end, _ in sorted(spans)])
    return spans + _spans_of(INVISIBLE.sub(" ", left), patterns)


# A number beside another with a dot between may be part of it, until that one is covered.
GLUED = re.compile(rf"{COVER}[.,:/-]\w|[\w:][.,:/-]{COVER}")
# Rounds after the first are for lists without spaces. The end is for those who make them long.
MOST_ROUNDS = 8


def _spans_of(shadow: str, patterns: Sequence[re.Pattern[str]]) -> list[KindSpan]:
    """What each kind finds that no kind before it has covered."""
    finders = [*(("id", ids_like(each)) for each in patterns), *FINDERS]
    spans: list[KindSpan] = []
    for _ in range(MOST_ROUNDS):
        found_before = len(spans)
        for kind, spans_in in finders:
            if found := sorted(spans_in(shadow)):
                spans += [(start, end, kind) for start, end in found]
                shadow = covered(shadow, found)
        if len(spans) == found_before or not GLUED.search(shadow):
            break
    return spans
