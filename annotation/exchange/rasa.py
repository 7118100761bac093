"""Rasa NLU: its YAML, with `metadata` for what Rasa has no field for.

Annotations in examples, such as `[Lisbon](city)`, stay the text that they are.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import yaml

from annotation.exchange.entries import A_LIST, Entry, NotReadable, Pile
from annotation.exchange.yaml_tree import Node, parse
from annotation.models.intents import Colour

VERSION = "3.1"
OTHER_SECTIONS = ("regex", "lookup", "synonym")
# As wide as can be: a folded line would be another text in somebody's diff.
WIDTH = 1_000_000

NOT_RASA = "This is not Rasa NLU data: an object with a list called `nlu` is needed."
NO_INTENT = "This is neither an intent nor a lookup, regex or synonym, and was left out."
A_DASH = "Begin each example with a dash."
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def read(text: str, pile: Pile) -> None:
    root = parse(text)
    if root is None or not isinstance(root.value, dict) or not root.value:
        raise NotReadable(NOT_RASA)
    sections = root.value
    if not {"nlu", "entity_types"} & set(sections):
        raise NotReadable(NOT_RASA)
    for key in set(sections) - {"version", "nlu", "entity_types"}:
        pile.note(f"“{key[:40]}” was left out: only `nlu` and `entity_types` are taken in.")
    _read_nlu(_items(sections.get("nlu"), "nlu", pile), pile)
    for item in _items(sections.get("entity_types"), "entity_types", pile):
        pile.add("entity_type", _fields(item), line=item.line)


def write(entries: Sequence[Entry]) -> str:
    data: dict[str, Any] = {
        "version": VERSION,
        "nlu": [_intent(entry) for entry in entries if entry.kind == "intent"],
    }
    types = [_entity_type(entry) for entry in entries if entry.kind == "entity_type"]
    if types:
        data["entity_types"] = types
    written: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)
    return written


class _Block(str):
    """A text that is written as a block of lines."""


class _Dumper(DUMPER):  # type: ignore[misc]  # one of two, and alike
    """Writes blocks, without teaching every other user of the library to."""


_Dumper.add_representer(
    _Block,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|"),
)


def _read_nlu(items: Sequence[Node], pile: Pile) -> None:
    left_out: Counter[str] = Counter()
    for item in items:
        sections = item.value if isinstance(item.value, dict) else {}
        other = next((name for name in OTHER_SECTIONS if name in sections), None)
        if "intent" in sections:
            _read_intent(sections, pile, line=item.line)
        elif other:
            left_out[other] += 1
        else:
            pile.refuse(item.line, "", NO_INTENT)
    for name, number in left_out.items():
        pile.note(f"{number:,} × {name} left out: only intents and their examples are taken in.")


def _read_intent(sections: dict[str, Node], pile: Pile, *, line: int) -> None:
    metadata = _fields(sections["metadata"]) if "metadata" in sections else {}
    bad = metadata.pop("bad", None)
    name = sections["intent"].value
    entry = pile.add("intent", {**metadata, "name": name}, line=line)
    if entry is None:
        return
    if "examples" in sections:
        entry.good = []
        _read_examples(entry, sections["examples"], pile)
    if bad is not None:
        entry.bad = []
        for item in _items(Node(line, bad), "bad", pile):
            told = _fields(item) if isinstance(item.value, dict) else {"text": item.value}
            pile.add_bad(entry, told.get("text"), told.get("reason", ""), line=item.line)


def _read_examples(entry: Entry, examples: Node, pile: Pile) -> None:
    if isinstance(examples.value, str):
        for number, line in enumerate(examples.value.split("\n"), examples.line):
            if line.strip().startswith("-"):
                pile.add_good(entry, line.strip()[1:], line=number)
            elif line.strip():
                pile.refuse(number, "examples", A_DASH)
        return
    for item in _items(examples, "examples", pile):
        told = item.value.get("text") if isinstance(item.value, dict) else item
        pile.add_good(entry, told.value if told else None, line=item.line)


def _items(node: Node | None, name: str, pile: Pile) -> list[Node]:
    if node is None or node.value == "":
        return []
    if not isinstance(node.value, list):
        pile.refuse(node.line, name, A_LIST)
        return []
    return node.value


def _fields(node: Node) -> dict[str, Any]:
    """An object without its lines; texts where texts are."""
    if not isinstance(node.value, dict):
        return {}
    return {name: inner.value for name, inner in node.value.items()}


def _intent(entry: Entry) -> dict[str, Any]:
    said = _said(entry)
    said["bad"] = [{"text": text, "reason": reason} for text, reason in entry.bad or []]
    examples = "".join(f"- {text}\n" for text in entry.good or [])
    return {"intent": entry.name, "metadata": said, "examples": _Block(examples)}


def _entity_type(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, **_said(entry)}


def _said(entry: Entry) -> dict[str, Any]:
    said = dict(entry.fields)
    said["colour"] = Colour(said["colour"]).label.lower()
    if "\n" in said["guideline"]:
        said["guideline"] = _Block(said["guideline"])
    return said
