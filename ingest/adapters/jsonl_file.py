"""Files with one JSON object on each line."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from ingest.adapters.records import NOT_UTF8, TOO_LONG, Line, Place, Record, lines
from ingest.reading import BadJson, NotUsable, read_json

NOT_JSON = (
    "This line is not one JSON object. Names that stand twice, NaN and numbers of more than 40 "
    "digits are not taken either."
)


def records(stream: BinaryIO, *, after: Place) -> Iterator[Record]:
    for line in lines(stream, after=after):
        if line.raw is None:
            yield _refused(line, NotUsable(TOO_LONG, field=None))
        elif raw := line.raw.strip():
            yield _record(line, raw)


def _record(line: Line, raw: bytes) -> Record:
    try:
        fields = _fields(raw)
    except NotUsable as refusal:
        return _refused(line, refusal)
    return Record(line.number, line.number, line.end, raw, fields)


def _refused(line: Line, refusal: NotUsable) -> Record:
    return Record(line.number, line.number, line.end, refusal=refusal)


def _fields(raw: bytes) -> dict[str, Any]:
    try:
        sent = read_json(raw)
    except BadJson as error:
        is_text = not isinstance(error.__cause__, UnicodeDecodeError)
        raise NotUsable(NOT_JSON if is_text else NOT_UTF8, field=None) from None
    if not isinstance(sent, dict):
        raise NotUsable(NOT_JSON, field=None)
    return sent
