"""What a bot says of a conversation. The server's /api/docs has each field and its limits."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["turn", "feedback", "escalation", "closed"]
Thumb = Literal["up", "down"]


@dataclass(frozen=True)
class Said:
    """What the end user said of a turn; at least one of these."""

    thumb: Thumb | None = None
    rating: int | None = None  # 1 to 5
    reported: bool | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Question:
    """A text to predict, as part of its conversation.

    With the same `event_id` the same question gets the answer that was stored. One is made up
    where none is given.
    """

    conversation_id: str
    text: str
    event_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    user_id: str | None = None
    language: str | None = None
    channel: str | None = None
    timestamp: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return _without_gaps(self)


@dataclass(frozen=True)
class Event:
    """Something that happened in a conversation. Left out is what is None or empty.

    An event is known by its `event_id`: sent twice, it is stored once. One is made up where none
    is given, so keep the Event, and not what it was made from, to send it again later.
    """

    conversation_id: str
    kind: Kind = "turn"
    event_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    timestamp: datetime | None = None
    user_input: str | None = None
    bot_response: str | None = None
    intent_detected: str | None = None
    confidence: float | None = None
    alternatives: list[dict[str, Any]] = field(default_factory=list)  # {intent, confidence}
    entities_extracted: list[dict[str, Any]] = field(default_factory=list)
    dialog_state: dict[str, Any] = field(default_factory=dict)
    error_message: str | None = None
    latency_ms: int | None = None
    model_version: str | None = None
    channel: str | None = None
    language: str | None = None
    user_id: str | None = None
    feedback: Said | None = None
    about: str | None = None  # event_id of the turn that feedback is about
    # Of what `Client.predict` answered: a turn completes what was asked, feedback is about it.
    prediction_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        sent = _without_gaps(self)
        if self.feedback is not None:
            sent["feedback"] = _without_gaps(self.feedback)
        return sent


def _without_gaps(said: Question | Event | Said) -> dict[str, Any]:
    sent = {name: value for name, value in asdict(said).items() if value not in (None, [], {})}
    if isinstance(at := sent.get("timestamp"), datetime):
        sent["timestamp"] = at.isoformat()
    return sent
