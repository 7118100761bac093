"""JSONL: one object a line, for each intent and entity type."""

import json
from collections.abc import Sequence
from typing import Any

from annotation.exchange.entries import A_LIST, Entry, Pile
from annotation.models.intents import Colour
from ingest.reading import BadJson, read_json

NOT_JSON = (
    "This line is not one JSON object. Names that stand twice, NaN and numbers of more than 40 "
    "digits are not taken either."
)
NEEDS_INTENT = "Only intents have examples. They were left out."


def read(text: str, pile: Pile) -> None:
    # Not splitlines(): a JSON text may hold characters that end a line for Python alone.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            _read_line(line, pile, number=number)


def write(entries: Sequence[Entry]) -> str:
    return "".join(json.dumps(_said(entry), ensure_ascii=False) + "\n" for entry in entries)


def _read_line(line: str, pile: Pile, *, number: int) -> None:
    try:
        sent = read_json(line.encode())
    except BadJson:
        sent = None
    if not isinstance(sent, dict):
        pile.refuse(number, "", NOT_JSON)
        return
    kind = sent.pop("kind", "intent")
    good, bad = sent.pop("good", None), sent.pop("bad", None)
    entry = pile.add(kind if isinstance(kind, str) else "", sent, line=number)
    if entry:
        _add_examples(entry, good, bad, pile)


def _add_examples(entry: Entry, good: Any, bad: Any, pile: Pile) -> None:
    if entry.kind != "intent":
        if good or bad:
            pile.refuse(entry.line, "good" if good else "bad", NEEDS_INTENT)
        return
    entry.good = None if good is None else []
    for text in _rows(good, entry, "good", pile):
        pile.add_good(entry, text, line=entry.line)
    entry.bad = None if bad is None else []
    for row in _rows(bad, entry, "bad", pile):
        told = row if isinstance(row, dict) else {"text": row}
        pile.add_bad(entry, told.get("text"), told.get("reason", ""), line=entry.line)


def _rows(rows: Any, entry: Entry, name: str, pile: Pile) -> list[Any]:
    if rows is None or isinstance(rows, list):
        return rows or []
    pile.refuse(entry.line, name, A_LIST)
    return []


def _said(entry: Entry) -> dict[str, Any]:
    said = {"kind": entry.kind, "name": entry.name, **entry.fields}
    said["colour"] = Colour(said["colour"]).label.lower()
    if entry.kind == "intent":
        said["good"] = entry.good
        said["bad"] = [{"text": text, "reason": reason} for text, reason in entry.bad or []]
    return said
