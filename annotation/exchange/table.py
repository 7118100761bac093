"""CSV: one row for each intent, entity type and example, as spreadsheets open and save it.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, and so does
one that has such an apostrophe already: what is read in is what was written, exactly.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from annotation.exchange.entries import Entry, NotReadable, Pile
from annotation.models.intents import Colour

COLUMNS = (
    *("kind", "name", "title", "guideline", "critical", "colour", "key"),
    *("text", "reason"),
)
OF_INTENT = {"title", "guideline", "critical", "colour", "key"}
OF_ENTITY_TYPE = OF_INTENT - {"critical"}
EXAMPLES = {"good_example": True, "bad_example": False}
# An empty cell of these says nothing; of the others, that there is none.
SILENT_IF_EMPTY = {"critical", "colour"}
DELIMITERS = ",;\t"

FORMULA = re.compile(r"'*[=+\-@\t\r]")
ESCAPED = re.compile(r"'+[=+\-@\t\r]")

NO_NAME_COLUMN = "The first row names no column “name”. Its cells have to be names of columns."
BAD_QUOTES = (
    "From line {line} on this is quoted in a way that does not add up: a cell that begins with a "
    "quotation mark ends with one, and has two for each inside. Mend it, then send it again."
)
A_KIND = "Write intent, entity_type, good_example or bad_example here."
WITHOUT_INTENT = "The row of its intent was refused, so this was left out too."


def read(text: str, pile: Pile) -> None:
    rows = _rows(text)
    _, header = next(rows, (0, []))
    columns = [name.strip().lower() for name in header]
    if "name" not in columns:
        raise NotReadable(NO_NAME_COLUMN)
    for name in set(columns) - set(COLUMNS) - {""}:
        pile.note(f"The column “{name[:40]}” is nothing that is known here, and was left out.")
    table = _Table(pile, says_examples="text" in columns)
    examples = []
    for line, cells in rows:
        if len(cells) > len(columns):
            pile.refuse(line, "", f"This row has {len(cells)} cells, the first {len(columns)}.")
            continue
        row = {name: _plain(cell) for name, cell in zip(columns, cells, strict=False)}
        if row.get("kind", "").strip().lower() in EXAMPLES:
            # Sorting in a spreadsheet may have put them before their intent.
            examples.append((line, row))
        else:
            table.add_word(row, line=line)
    for line, row in examples:
        table.add_example(row, line=line)


def write(entries: Sequence[Entry]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for entry in entries:
        writer.writerows(
            {name: _safe(cell) for name, cell in row.items()} for row in _rows_of(entry)
        )
    return out.getvalue()


class _Table:
    """Puts examples to their intents, whose rows may stand anywhere."""

    def __init__(self, pile: Pile, *, says_examples: bool) -> None:
        self.pile = pile
        self.says_examples = says_examples
        self.intents: dict[str, Entry | None] = {}

    def add_word(self, row: dict[str, str], *, line: int) -> None:
        kind = row.get("kind", "").strip().lower() or "intent"
        if kind not in ("intent", "entity_type"):
            self.pile.refuse(line, "kind", A_KIND)
            return
        own = OF_INTENT if kind == "intent" else OF_ENTITY_TYPE
        said = {name: cell for name, cell in row.items() if name in own | {"name"}}
        for name in SILENT_IF_EMPTY:
            if not said.get(name, "").strip():
                said.pop(name, None)
        entry = self.pile.add(kind, said, line=line)
        if kind == "intent":
            self._keep(row.get("name", ""), entry)

    def add_example(self, row: dict[str, str], *, line: int) -> None:
        name = row.get("name", "")
        called = _key(name)
        if called not in self.intents:
            self._keep(called, self.pile.add("intent", {"name": name}, line=line))
        entry = self.intents[called]
        if entry is None:
            self.pile.refuse(line, "name", WITHOUT_INTENT)
        elif EXAMPLES[row["kind"].strip().lower()]:
            self.pile.add_good(entry, row.get("text", ""), line=line)
        else:
            text, reason = row.get("text", ""), row.get("reason", "")
            self.pile.add_bad(entry, text, reason, line=line)

    def _keep(self, name: str, entry: Entry | None) -> None:
        if entry and self.says_examples:
            entry.good, entry.bad = entry.good or [], entry.bad or []
        self.intents.setdefault(_key(name), entry)


def _key(name: str) -> str:
    return name.strip().lower()


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with the line on which they begin."""
    first = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count), strict=True
    )
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotReadable(BAD_QUOTES.format(line=line)) from error


def _safe(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def _plain(cell: str) -> str:
    return cell[1:] if ESCAPED.match(cell) else cell


def _rows_of(entry: Entry) -> Iterator[dict[str, str]]:
    yield {"kind": entry.kind, "name": entry.name, **_cells(entry.fields)}
    for text in entry.good or []:
        yield {"kind": "good_example", "name": entry.name, "text": text}
    for text, reason in entry.bad or []:
        yield {"kind": "bad_example", "name": entry.name, "text": text, "reason": reason}


def _cells(fields: dict[str, Any]) -> dict[str, str]:
    cells = {name: str(value) for name, value in fields.items()}
    cells["colour"] = Colour(fields["colour"]).label.lower()
    if "critical" in fields:
        cells["critical"] = "yes" if fields["critical"] else "no"
    return cells
