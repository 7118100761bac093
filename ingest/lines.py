"""The lines of a chat: a turn with all that is known of it, or what happened between two."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest import marks
from ingest.models import Conversation, Feedback, Turn
from ingest.pieces import Shown, shown


@dataclass(frozen=True)
class Reason:
    mark: marks.Mark
    sentence: str


@dataclass(frozen=True)
class Opinion:
    """Feedback, as it stands beneath its turn."""

    at: datetime
    marks: list[marks.Mark]
    comment: Shown
    is_elsewhere: bool  # it names a turn that is not on this page, or was never sent


@dataclass(frozen=True)
class Guess:
    intent: str
    confidence: float | None


@dataclass(frozen=True)
class TurnLine:
    turn: Turn
    text: Shown
    response: Shown
    error: Shown
    state: Shown | None
    alternatives: list[Guess]
    signals: list[Reason]
    opinions: list[Opinion]
    mended: bool


@dataclass(frozen=True)
class NoteLine:
    """Something that happened between turns."""

    at: datetime
    text: str
    icon: str


def opinion(feedback: Feedback, *, is_elsewhere: bool) -> Opinion:
    return Opinion(feedback.at, marks.feedback(feedback), shown(feedback.comment), is_elsewhere)


def turn_line(turn: Turn, signals: list[Reason], opinions: list[Opinion]) -> TurnLine:
    return TurnLine(
        turn=turn,
        text=shown(turn.text, turn.entities),
        response=shown(turn.response),
        error=shown(turn.error),
        state=shown(_as_json(turn.dialog_state)) if turn.dialog_state else None,
        alternatives=_others(turn),
        signals=signals,
        opinions=opinions,
        mended=turn.event.mended,
    )


def _as_json(state: Any) -> str:
    return json.dumps(state, indent=2, ensure_ascii=False)


def _others(turn: Turn) -> list[Guess]:
    """What else the bot took it for, its own choice aside."""
    named = [
        Guess(str(each.get("intent", "")), each.get("confidence")) for each in turn.alternatives
    ]
    return [guess for guess in named if guess.intent != turn.intent]


def first_words(conversation: Conversation) -> list[NoteLine]:
    """When channel and language were first said; together if at once."""
    said: dict[datetime, list[str]] = defaultdict(list)
    if conversation.channel_at:
        said[conversation.channel_at].append(f"Channel: {_apart(conversation.channel)}")
    if conversation.language_at:
        said[conversation.language_at].append(f"Language: {_apart(conversation.language)}")
    return [NoteLine(at, " · ".join(words), "chat") for at, words in said.items()]


def _apart(name: str) -> str:
    """With marks around it (FSI, PDI), so that its own marks turn nothing else round."""
    return f"\u2068{name}\u2069"


def endings(conversation: Conversation) -> list[NoteLine]:
    found = []
    if conversation.escalated_at:
        found.append(NoteLine(conversation.escalated_at, "Escalated to a person", "user"))
    if conversation.closed_at:
        found.append(NoteLine(conversation.closed_at, "Closed by the bot", "check"))
    if conversation.outcome == Conversation.Outcome.ABANDONED:
        found.append(
            NoteLine(conversation.last_at, "Abandoned: nothing came after this", "log-out")
        )
    return found
