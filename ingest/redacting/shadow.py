"""What is looked at: the text's shadow, of the same length and in ASCII where that can be.

Each kind covers what it found in the shadow, so that the next kind does not see it. Every
pattern looks at a bounded stretch from where it starts, which keeps the whole linear.
"""

import re
from collections.abc import Callable, Iterable, Iterator

Span = tuple[int, int]
Finder = Callable[[str], Iterable[Span]]

# Everything but a bot's own ids holds one of these.
TELLTALE = re.compile("[\\d@\uff20\ufe6b]")

# Stands for what is covered. Private use: no letter, no digit, and no sign of any kind.
COVER = "\ue000"

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)


def _to_ascii() -> dict[int, str]:
    """What people read as an ASCII character, one for one."""
    table = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
    table |= dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63], "-")
    table |= {wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}
    table |= dict.fromkeys([0x2024, 0x3002, 0xFE52, 0xFF61], ".")
    table |= {0x2044: "/", 0x2215: "/", 0xFE6B: "@", 0xFE55: ":", ord(COVER): " "}
    # No script has its decimal digits beyond this.
    return table | {
        code: str(int(chr(code))) for code in range(0x80, 0x20000) if chr(code).isdecimal()
    }


TO_ASCII = _to_ascii()


def cover(match: re.Match[str]) -> str:
    return COVER * len(match[0])


def covered(shadow: str, spans: list[Span]) -> str:
    pieces: list[str] = []
    copied = 0
    for start, end in spans:
        pieces += (shadow[copied:start], COVER * (end - start))
        copied = end
    return "".join((*pieces, shadow[copied:]))


def accepted(
    pattern: re.Pattern[str], shadow: str, end_of: Callable[[re.Match[str]], int]
) -> Iterator[Span]:
    """Matches of which `end_of` says where they end; 0 refuses, and the next character is tried."""
    at = 0
    while match := pattern.search(shadow, at):
        end = end_of(match)
        if end:
            yield match.start(), end
        at = end or match.start() + 1


# Nothing starts or ends inside a word, or right beside what another kind has covered.
START = rf"(?<![\w{COVER}])"
END = rf"(?![\w{COVER}])"

INSIDE = re.compile(rf"[\w{COVER}]")

CONTEXT = 32  # characters before a number that may say what it is


def before(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - CONTEXT) : match.start()]


UUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
