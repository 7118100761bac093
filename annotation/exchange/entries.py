"""What a file says, whatever its format: a pile of entries, and what of it cannot be used."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from annotation import spelling
from annotation.models.intents import Colour
from annotation.spelling import Misspelt

Kind = Literal["intent", "entity_type"]

MOST_ENTRIES = 5000
MOST_EXAMPLES = 50_000

YES, NO = {"yes", "true", "1"}, {"no", "false", "0", ""}
A_TEXT = "Write a text here."
A_LIST = "Write a list here."
YES_OR_NO = "Write yes or no here."
A_COLOUR = f"Write one of these: {', '.join(colour.label.lower() for colour in Colour)}."
A_KIND = "Write intent or entity_type here."
TWICE = "This example stands here before. It was kept once."
TOO_MANY_OF_ONE = (
    f"More than {spelling.MOST_EXAMPLES:,} examples of one intent: from here on they are left out."
)


class NotReadable(Exception):
    """Nothing in the file can be used. `str()` of it says what to do."""


@dataclass(frozen=True)
class Refusal:
    line: int
    field: str  # empty: the whole line
    reason: str


@dataclass
class Entry:
    """What a file says of one intent or entity type. What it is silent about is not in here."""

    kind: Kind
    line: int
    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    good: list[str] | None = None
    bad: list[tuple[str, str]] | None = None  # texts with the reason why not


class Pile:
    """Collects what a file says. What breaks a rule is left out, and told."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.refusals: list[Refusal] = []
        self.notes: list[str] = []
        self._texts: dict[int, set[str]] = {}
        self._examples = 0

    def refuse(self, line: int, field: str, reason: str) -> None:
        self.refusals.append(Refusal(line, field, reason))

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def add(self, kind: Any, said: dict[str, Any], *, line: int) -> Entry | None:
        """Take in one intent or entity type; None if one of its fields breaks a rule."""
        if kind not in FIELDS:
            self.refuse(line, "kind", A_KIND)
            return None
        rules, fields = FIELDS[kind], {}
        for name, value in {"name": "", **said}.items():
            if name not in rules:
                self.note(f"“{name[:40]}” is nothing that is known here, and was left out.")
                continue
            try:
                fields[name] = rules[name](value)
            except Misspelt as sentence:
                self.refuse(line, name, str(sentence))
                return None
        if len(self.entries) == MOST_ENTRIES:
            raise NotReadable(
                f"This file holds more than {MOST_ENTRIES:,} intents and entity types. Split it."
            )
        self.entries.append(Entry(kind, line, fields.pop("name"), fields))
        return self.entries[-1]

    def add_good(self, entry: Entry, text: Any, *, line: int) -> None:
        entry.good = entry.good or []
        try:
            spelt = spelling.good_example(_text(text))
        except Misspelt as sentence:
            self.refuse(line, "good", str(sentence))
            return
        if self._is_room(entry, spelt, "good", line=line):
            entry.good.append(spelt)

    def add_bad(self, entry: Entry, text: Any, reason: Any, *, line: int) -> None:
        entry.bad = entry.bad or []
        try:
            spelt = spelling.bad_example(_text(text), _text(reason))
        except Misspelt as sentence:
            self.refuse(line, "bad", str(sentence))
            return
        if self._is_room(entry, spelt[0], "bad", line=line):
            entry.bad.append(spelt)

    def _is_room(self, entry: Entry, text: str, field: str, *, line: int) -> bool:
        texts = self._texts.setdefault(id(entry), set())
        if text in texts or len(texts) >= spelling.MOST_EXAMPLES:
            self.refuse(line, field, TWICE if text in texts else TOO_MANY_OF_ONE)
            return False
        texts.add(text)
        self._examples += 1
        if self._examples > MOST_EXAMPLES:
            raise NotReadable(f"This file holds more than {MOST_EXAMPLES:,} examples. Split it.")
        return True


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Misspelt(A_TEXT)
    return value


def _spelt(rule: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: rule(_text(value))


def _flag(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in YES | NO:
        raise Misspelt(YES_OR_NO)
    return word in YES


def _colour(value: Any) -> str:
    named = {colour.label.lower(): colour.value for colour in Colour}
    word = _text(value).strip().lower()
    if word not in named and word not in Colour.values:
        raise Misspelt(A_COLOUR)
    return named.get(word, word)


_OF_BOTH: dict[str, Callable[[Any], Any]] = {
    "name": _spelt(spelling.name),
    "title": _spelt(spelling.title),
    "guideline": _spelt(spelling.guideline),
    "colour": _colour,
}
FIELDS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "intent": _OF_BOTH | {"key": _spelt(spelling.intent_key), "critical": _flag},
    "entity_type": _OF_BOTH | {"key": _spelt(spelling.entity_type_key)},
}
