"""CSV, as spreadsheets open it. A cell that would be a formula gets an apostrophe in front."""

import csv
import io
import json
from collections.abc import Iterator

from annotation.exchange.table import FORMULA
from training.models import DatasetVersion
from training.reading import SIDES, Row, rows_of

COLUMNS = (
    *("id", "conversation", "side", "verdict", "intent", "text", "entities", "opinions"),
    *("policy", "chance", "seconds", "guess_shown", "by_likeness", "response", "better_answer"),
)
AT_ONCE = 500
YES_NO = {True: "yes", False: "no"}


def stream(version: DatasetVersion) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for side in SIDES:
        for number, row in enumerate(rows_of(version, side=side)):
            writer.writerow(_cells(row))
            if number % AT_ONCE == 0:
                yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()


def _cells(row: Row) -> list[str]:
    entities = [span._asdict() for span in row.spans]
    return [
        *(str(row.turn), str(row.conversation), row.side, row.verdict, _safe(row.intent)),
        *(_safe(row.text), _json(entities), _json(row.opinions), row.policy),
        *("" if number is None else repr(number) for number in (row.chance, row.seconds)),
        *(YES_NO[row.guess_shown], YES_NO[row.by_likeness]),
        *(_safe(row.response), _safe(row.better_answer)),
    ]


def _json(value: list[object] | list[dict[str, str]] | list[dict[str, object]]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def _safe(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell
