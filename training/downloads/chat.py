"""Better answers that people wrote, as what language models are tuned with. Training side alone."""

from collections.abc import Iterator
from typing import Any

from training.downloads.lines import lines
from training.models import DatasetVersion
from training.reading import Row, rows_of


def stream_messages(version: DatasetVersion) -> Iterator[bytes]:
    """What the user said and what should have been answered."""
    return lines({"messages": [_said(row), _answer(row.better_answer)]} for row in _better(version))


def stream_pairs(version: DatasetVersion) -> Iterator[bytes]:
    """The better answer beside the one that the bot gave: `chosen` and `rejected`."""
    return lines(_pair(row) for row in _better(version) if row.response)


def _better(version: DatasetVersion) -> Iterator[Row]:
    return (row for row in rows_of(version, side="train") if row.better_answer)


def _pair(row: Row) -> dict[str, Any]:
    return {
        "prompt": [_said(row)],
        "chosen": [_answer(row.better_answer)],
        "rejected": [_answer(row.response)],
    }


def _said(row: Row) -> dict[str, str]:
    return {"role": "user", "content": row.text}


def _answer(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}
