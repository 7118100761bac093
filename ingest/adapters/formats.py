"""Which formats there are, and how to tell which one a file has."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from ingest.adapters import csv_file, dialogues, events, jsonl_file, utterances
from ingest.adapters.records import MARK_OF_UTF8, Draft, Place, Record


@dataclass(frozen=True)
class Format:
    """How records become events, and what the fields of an event are called in them."""

    drafts: Callable[[Record, Record | None], list[Draft]]
    names: dict[str, str]
    telltale: str  # a field that its records have
    has_channel: bool = False  # whether its records can name one


# The first that fits a record decides.
FORMATS = {
    "dialogues": Format(dialogues.drafts, dialogues.NAMES, "turns"),
    "events": Format(events.drafts, {}, "conversation_id", has_channel=True),
    "utterances": Format(utterances.drafts, utterances.NAMES, "text"),
}


def format_of(record: Record) -> str | None:
    """The name of the format that `record` seems to have."""
    found = (name for name, each in FORMATS.items() if each.telltale in record.fields)
    return next(found, None)


def records(stream: BinaryIO, *, name: str, beginning: bytes, after: Place) -> Iterator[Record]:
    """The records of a file, which begins so, after a place."""
    if _is_table(name, beginning):
        return csv_file.records(stream, after=after)
    return jsonl_file.records(stream, after=after)


def _is_table(name: str, beginning: bytes) -> bool:
    """Whether it is CSV: as its name says, else as its first line looks."""
    ending = PurePath(name.lower().removesuffix(".gz")).suffix
    if ending in {".csv", ".tsv", ".json", ".jsonl", ".ndjson"}:
        return ending in {".csv", ".tsv"}
    first_line = beginning.removeprefix(MARK_OF_UTF8).partition(b"\n")[0]
    names = {cell.strip(b' "\r') for cell in re.split(rb"[,;\t]", first_line)}
    return any(each.telltale.encode() in names for each in FORMATS.values())
