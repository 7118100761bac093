"""Data sets of whole dialogues, one on each line.

What people decided about a turn, its `intent` and its `acts`, is no part of an event.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.adapters.records import Draft, Record
from ingest.adapters.spans import entities_of
from ingest.adapters.utterances import MOST_TURNS, dialogue_of
from ingest.reading import NotUsable

NAMES = {
    "conversation_id": "dialogue_id",
    "user_input": "text",
    "bot_response": "text",
    "entities_extracted": "entities",
    "dialog_state": "text",
    "type": "label",
}
ROLES = ("user", "bot", "action")


@dataclass
class _Turn:
    """What a user said, and what the bot said and did until the user spoke again."""

    place: int
    text: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    responses: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    @property
    def says_something(self) -> bool:
        return bool(self.text.strip() or "".join(self.responses).strip())


def drafts(record: Record, following: Record | None) -> list[Draft]:
    """The turns of one conversation, and its end."""
    conversation = dialogue_of(record)
    turns = list(_turns(_messages(record.fields.get("turns"))))
    if not 1 <= len(turns) <= MOST_TURNS:
        raise NotUsable(f"Send 1 to {MOST_TURNS} turns in which something is said.", field="turns")
    said = [
        Draft(_fields(conversation, turn), str(number), minute=number, place=f"turns.{turn.place}.")
        for number, turn in enumerate(turns)
    ]
    end = {"kind": "closed", "conversation_id": conversation}
    return [*said, Draft(end, "closed", minute=len(turns))]


def _messages(turns: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    if not isinstance(turns, list):
        raise NotUsable("Send a list here.", field="turns")
    for place, message in enumerate(turns):
        if not isinstance(message, dict):
            raise NotUsable("Send an object here.", field=f"turns.{place}")
        if message.get("role") not in ROLES:
            raise NotUsable("Send user, bot or action.", field=f"turns.{place}.role")
        if not isinstance(message.get("text"), str):
            raise NotUsable("Send a text here.", field=f"turns.{place}.text")
        yield place, message


def _turns(messages: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[_Turn]:
    """Fold messages into turns. What the bot did where nothing is said goes to the next turn."""
    turn = _Turn(0)
    for place, message in messages:
        if message["role"] == "user":
            if turn.says_something:
                yield turn
                turn = _Turn(place)
            entities = entities_of(message, message["text"], place=f"turns.{place}.")
            turn = _Turn(place, message["text"], entities, actions=turn.actions)
        else:
            said = turn.responses if message["role"] == "bot" else turn.actions
            said.append(message["text"])
    if turn.says_something:
        yield turn


def _fields(conversation: str | None, turn: _Turn) -> dict[str, Any]:
    return {
        "conversation_id": conversation,
        "user_input": turn.text,
        "bot_response": "\n".join(turn.responses),
        "entities_extracted": turn.entities,
        "dialog_state": {"actions": turn.actions} if turn.actions else {},
    }
