"""The formats that intents are exchanged in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from annotation.exchange import jsonl, rasa, table
from annotation.exchange.entries import Entry, Pile

# Spreadsheets take a file without it for another alphabet's.
MARK_OF_UTF8 = "\ufeff"


@dataclass(frozen=True)
class Format:
    name: str
    label: str
    endings: tuple[str, ...]
    content_type: str
    read: Callable[[str, Pile], None]
    write: Callable[[Sequence[Entry]], str]
    mark: str = ""

    def bytes_of(self, entries: Sequence[Entry]) -> bytes:
        return (self.mark + self.write(entries)).encode()


FORMATS = {
    format.name: format
    for format in (
        Format("csv", "CSV", (".csv",), "text/csv", table.read, table.write, MARK_OF_UTF8),
        Format(
            "jsonl",
            "JSONL",
            (".jsonl", ".ndjson", ".json"),
            "application/jsonl",
            jsonl.read,
            jsonl.write,
        ),
        Format(
            "rasa", "Rasa NLU YAML", (".yml", ".yaml"), "application/yaml", rasa.read, rasa.write
        ),
    )
}


def named_by(filename: str) -> str:
    """The format that a file's name speaks of; empty if it does not."""
    lower = filename.lower()
    return next((each.name for each in FORMATS.values() if lower.endswith(each.endings)), "")
