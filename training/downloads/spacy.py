"""JSON Lines with what spaCy's text classifier and entity recogniser learn from."""

from collections.abc import Iterator
from typing import Any

from training.downloads.lines import lines
from training.models import DatasetVersion
from training.reading import SIDES, Row, rows_of


def stream(version: DatasetVersion) -> Iterator[bytes]:
    none = {each["name"]: 0.0 for each in version.manifest["intents"] if each["name"]}
    return lines(
        _object(row, none, side=side) for side in SIDES for row in rows_of(version, side=side)
    )


def _object(row: Row, none: dict[str, float], *, side: str) -> dict[str, Any]:
    """Each intent has its value: for spaCy, one that is missing is unknown."""
    return {
        "text": row.text,
        "cats": none | ({row.intent: 1.0} if row.intent else {}),
        "spans": [{"start": span.start, "end": span.end, "label": span.type} for span in row.spans],
        "meta": {"id": str(row.turn), "side": side},
    }
