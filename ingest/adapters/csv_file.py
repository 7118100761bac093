"""Tables: the first row names the fields, and every other row is one record."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from ingest.adapters.records import LONGEST, NOT_UTF8, TOO_LONG, Line, Place, Record, lines
from ingest.reading import BadJson, NotUsable, read_json

DELIMITERS = ",;\t"
NUMBERS = {"confidence", "latency_ms", "turn"}
JSON_CELLS = {
    *("alternatives", "entities_extracted", "dialog_state", "feedback"),
    *("entities", "turns"),
}
QUOTES = (
    "This row is quoted in a way that does not add up: a cell that begins with a quotation mark "
    "ends with one, and has two for each inside."
)

# One for the whole program; nobody else reads CSV. The default is 128 KiB.
csv.field_size_limit(LONGEST)


class _TooLong(Exception):
    """The lines that a quoted cell spans are longer than a record may be."""


def records(stream: BinaryIO, *, after: Place) -> Iterator[Record]:
    """Every row after a place. A row with nothing in its cells is no record."""
    feed = _Feed(lines(stream, after=Place()))
    header, delimiter = _header(next(feed.lines, None))
    if after.offset:
        feed = _Feed(lines(stream, after=after))
    while (record := _next_record(feed, header, delimiter)) is not None:
        if record.fields or record.refusal:
            yield record


class _Feed:
    """Gives the csv module one line after another, and knows which lines it took."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self.lines = lines
        self.taken: list[Line] = []
        self._again: deque[Line] = deque()
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self.lines)
        self.taken.append(line)
        self._size += len(line.raw or b"")
        if line.raw is None or self._size > LONGEST:
            raise _TooLong
        return line.raw.decode(errors="surrogateescape")

    def begin(self) -> None:
        self.taken, self._size = [], 0

    def give_back(self) -> None:
        """A quotation mark may open by mistake: only the first line is taken for bad."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.taken = self.taken[:1]


def _header(line: Line | None) -> tuple[list[str], str]:
    """The names in the first row, and what parts the cells. No names if it cannot be read."""
    text = (line.raw or b"").decode(errors="replace") if line else ""
    delimiter = max(DELIMITERS, key=text.count)
    names: list[str] = []
    with suppress(csv.Error):
        names = next(csv.reader([text], delimiter=delimiter), [])
    return [name.strip() for name in names], delimiter


def _next_record(feed: _Feed, header: Sequence[str], delimiter: str) -> Record | None:
    feed.begin()
    try:
        cells = next(csv.reader(feed, delimiter=delimiter, strict=True), None)
        if cells is None:
            return None
        raw = b"".join(line.raw or b"" for line in feed.taken).strip()
        return _record(feed.taken, raw, _fields(raw, cells, header))
    except NotUsable as refusal:
        return _record(feed.taken, refusal=refusal)
    except (csv.Error, _TooLong) as error:
        reason = TOO_LONG if isinstance(error, _TooLong) and len(feed.taken) == 1 else QUOTES
        feed.give_back()
        return _record(feed.taken, refusal=NotUsable(reason, field=None))


def _record(
    taken: Sequence[Line],
    raw: bytes = b"",
    fields: dict[str, Any] | None = None,
    *,
    refusal: NotUsable | None = None,
) -> Record:
    last = taken[-1]
    return Record(taken[0].number, last.number, last.end, raw, fields or {}, refusal)


def _fields(raw: bytes, cells: Sequence[str], header: Sequence[str]) -> dict[str, Any]:
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise NotUsable(NOT_UTF8, field=None) from None
    if not any(cell.strip() for cell in cells):
        return {}
    if len(cells) != len(header):
        raise NotUsable(
            f"This row has {len(cells)} cells, and the first row names {len(header)}.", field=None
        )
    named = zip(header, cells, strict=True)
    return {name: _value(name, cell) for name, cell in named if name and cell}


def _value(name: str, cell: str) -> Any:
    if name in JSON_CELLS:
        return _parsed(name, cell, sentence="Write JSON in this cell.")
    if name in NUMBERS:
        number = _parsed(name, cell, sentence="Write a number in this cell.")
        # Programs that know only one kind of number write 120 as 120.0.
        is_whole = isinstance(number, float) and number.is_integer()
        return int(number) if is_whole else number
    return cell


def _parsed(name: str, cell: str, *, sentence: str) -> Any:
    try:
        return read_json(cell.encode())
    except BadJson:
        raise NotUsable(sentence, field=name) from None
