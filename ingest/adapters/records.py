"""What every kind of file is cut into: lines, records of one or more lines, and events of those."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, BinaryIO

from ingest.reading import NotUsable

LONGEST = 1024 * 1024  # bytes of a record
PIECE = 64 * 1024  # what is longer is passed over in pieces
MARK_OF_UTF8 = b"\xef\xbb\xbf"
LETTERS = str.maketrans("0123456789", "ghijklmnop")
TOO_LONG = f"This line has more than {LONGEST:,} bytes. Leave out what is not needed."
NOT_UTF8 = "This line is not UTF-8. Save the file as UTF-8."


class BrokenFile(Exception):
    """The rest of the file cannot be read."""


@contextmanager
def broken_files_told() -> Iterator[None]:
    """Disks fail, and packed files may be cut off or damaged."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise BrokenFile from error


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its ending; `raw` is None if it is too long to be looked at."""

    number: int
    end: int  # bytes of the file up to here
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file, or why it cannot be used."""

    line: int  # where it begins
    last_line: int
    end: int
    raw: bytes = b""
    fields: dict[str, Any] = field(default_factory=dict)
    refusal: NotUsable | None = None

    def name(self, *, letters: int = 32) -> str:
        """Which line it is and what stands there. No digits: a number may look personal."""
        return f"{self.line}-{sha256(self.raw).hexdigest()[:letters].translate(LETTERS)}"


@dataclass(frozen=True, slots=True)
class Draft:
    """One event to be, as its file has it.

    `name` tells it apart from the others of its record, unless it `is_named` in the whole bot.
    `minute` counts from the beginning of its conversation; without one the line decides.
    """

    fields: dict[str, Any]
    name: str = ""
    is_named: bool = False
    minute: int | None = None
    place: str = ""  # of what it was made from, in the record


@dataclass(frozen=True, slots=True)
class Place:
    """How much of a file has been read."""

    offset: int = 0
    line: int = 0


def lines(stream: BinaryIO, *, after: Place) -> Iterator[Line]:
    """Every line of `stream`, which is at its beginning, after a place. Raise BrokenFile."""
    with broken_files_told():
        offset, number = stream.seek(after.offset) if after.offset else 0, after.line
        while raw := stream.readline(LONGEST + 1):
            skipped = _skip_the_rest(stream) if _is_cut(raw) else 0
            offset, number = offset + len(raw) + skipped, number + 1
            if number == 1:
                raw = raw.removeprefix(MARK_OF_UTF8)
            yield Line(number, offset, None if skipped else raw)


def _is_cut(raw: bytes) -> bool:
    return len(raw) > LONGEST and not raw.endswith(b"\n")


def _skip_the_rest(stream: BinaryIO) -> int:
    """Pass over what is left of a line; how many bytes that was."""
    skipped = 0
    while piece := stream.readline(PIECE):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped
