"""From the bytes of a file to a pile of entries, or to the reason why not."""

import re

from annotation.exchange.entries import NotReadable, Pile
from annotation.exchange.formats import FORMATS

LARGEST = 5 * 1024 * 1024  # bytes

EMPTY = "This file is empty."
TOO_LARGE = "This file has more than 5 MB. Split it, or leave out what is no guideline."
UTF16 = "This file is UTF-16. Save it as UTF-8, then send it again."
NUL = "This file holds a character (NUL) that cannot be stored. Delete it, then send it again."
NOT_UTF8 = "This file is not UTF-8 from line {line} on. Save it as UTF-8, then send it again."
NOTHING = "This file holds no intent and no entity type."


def read(raw: bytes, *, format: str) -> Pile:
    """What the file says, and what of it is refused. Raise NotReadable."""
    pile = Pile()
    FORMATS[format].read(_text(raw), pile)
    if not (pile.entries or pile.refusals):
        raise NotReadable(NOTHING)
    return pile


def _text(raw: bytes) -> str:
    """The text without a mark at its beginning, and with lines that end as in the house."""
    if len(raw) > LARGEST:
        raise NotReadable(TOO_LARGE)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotReadable(UTF16)
    if b"\0" in raw:
        raise NotReadable(NUL)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise NotReadable(NOT_UTF8.format(line=line)) from error
    if not text.strip():
        raise NotReadable(EMPTY)
    return re.sub(r"\r\n?", "\n", text)
