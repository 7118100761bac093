"""What one bot's own ids look like, in a part of the language of `re` that cannot take long."""

import re
from collections.abc import Iterator

from ingest.redacting.shadow import COVER, END, START, Finder, Span


class BadPattern(ValueError):
    """A pattern for ids is not taken. The message is a sentence that says why."""


LONGEST_PATTERN = 200  # characters
MOST_WAYS = 200
ID_PIECE = re.compile(
    r"(?P<group>\(\?:|\((?!\?)|\))"
    r"|(?P<or>\|)"
    r"|\{(?P<least>\d{1,3})(?:,(?P<most>\d{1,3}))?\}|(?P<optional>\?)"
    r"|(?P<sign>\\[dwsbDWS]|\\[^\w]|\[\^?(?:(?!--|&&|~~|\|\||\[)(?:\\.|[^\]\\]))+\]|[^\\()\[\]{}*+?|^$])"
)


def compiled(pattern: str) -> re.Pattern[str]:
    if len(pattern) > LONGEST_PATTERN:
        raise BadPattern(f"A pattern has at most {LONGEST_PATTERN} characters.")
    if _ways(pattern) > MOST_WAYS:
        raise BadPattern(
            f"“{pattern}” can match in too many ways. Narrow its {{…,…}}, or write two patterns."
        )
    try:
        compiled = re.compile(rf"{START}(?:{pattern}){END}", re.IGNORECASE)
        empty = re.compile(pattern).fullmatch("")
    except (re.error, OverflowError):
        raise BadPattern(f"“{pattern}” is not a pattern: look at its brackets.") from None
    if empty:
        raise BadPattern(f"“{pattern}” also matches no text at all.")
    return compiled


def _ways(pattern: str) -> int:
    """At most how many ways there are to match from one place."""
    ways, at, before = 1, 0, ""
    while at < len(pattern):
        piece = ID_PIECE.match(pattern, at)
        if not piece or (piece["least"] and before == ")"):
            raise BadPattern(
                f"“{pattern[at:]}” is not taken. An id is written with letters, digits, "
                "classes like [A-Z] or \\d, {4} or {4,8} after one of these, ?, | and ( )."
            )
        ways *= _ways_of(piece)
        at, before = piece.end(), piece[0]
    return ways


def _ways_of(piece: re.Match[str]) -> int:
    if piece["or"] or piece["optional"]:
        return 2
    if piece["most"]:
        return abs(int(piece["most"]) - int(piece["least"])) + 1
    return 1


def ids_like(pattern: re.Pattern[str]) -> Finder:
    def spans_in(shadow: str) -> Iterator[Span]:
        for match in pattern.finditer(shadow):
            if match[0] and COVER not in match[0]:
                yield match.span()

    return spans_in
