"""Data sets of single utterances, perhaps with the dialogue that they were said in.

Their `intent` is what people decided, not what a bot guessed: it is no part of an event.
"""

from typing import Any

from ingest.adapters.records import Draft, Record
from ingest.adapters.spans import entities_of
from ingest.reading import NotUsable

NAMES = {
    "user_input": "text",
    "conversation_id": "dialogue_id",
    "entities_extracted": "entities",
    "type": "label",
}
MOST_TURNS = 1000  # a minute each: a conversation lasts less than a day


def drafts(record: Record, following: Record | None) -> list[Draft]:
    """A turn, and the end of its conversation if the next row is of another one.

    A dialogue whose rows lie apart ends each time, and that is stored once: all its ends have
    the same name and say the same.
    """
    dialogue, minute = dialogue_of(record), _minute(record.fields.get("turn"))
    conversation = dialogue or f"utterance {record.name(letters=8)}"
    text = record.fields.get("text")
    if text is None:
        raise NotUsable("This field is needed.", field="text")
    said = {
        "conversation_id": conversation,
        "user_input": text,
        "entities_extracted": entities_of(record.fields, text),
    }
    turn = Draft(said, minute=minute if dialogue else 0)
    if dialogue and following and _same_dialogue(record, following):
        return [turn]
    return [turn, _end(conversation, turn.minute, is_alone=not dialogue)]


def dialogue_of(record: Record) -> str | None:
    """The name of the dialogue; numbers are names too."""
    name = record.fields.get("dialogue_id")
    if name is None or isinstance(name, str):
        return name or None
    if isinstance(name, bool) or not isinstance(name, int):
        raise NotUsable("Send a text here.", field="dialogue_id")
    return str(name)


def _same_dialogue(one: Record, other: Record) -> bool:
    return bool(one.fields.get("dialogue_id") == other.fields.get("dialogue_id"))


def _end(conversation: str, minute: int | None, *, is_alone: bool) -> Draft:
    fields = {"kind": "closed", "conversation_id": conversation}
    after = None if minute is None else minute + 1
    if is_alone:
        return Draft(fields, "closed", minute=after)
    return Draft(fields, f"import end of {conversation}", is_named=True, minute=after)


def _minute(turn: Any) -> int | None:
    if turn is None:
        return None
    if not isinstance(turn, int) or isinstance(turn, bool) or not 0 <= turn <= MOST_TURNS:
        raise NotUsable(f"Send a whole number from 0 to {MOST_TURNS}.", field="turn")
    return turn
