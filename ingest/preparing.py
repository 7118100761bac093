"""From an event to what may be stored of it: redacted, under pseudonyms and made keys."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.pseudonyms import pseudonym
from ingest import identities
from ingest.events import Entity, Event, Kind, Said
from ingest.reading import Read
from ingest.redacting import Redaction, redact
from ml.normalising import normalised

LONG_NUMBER = 10**6  # from here on a number may be a card or a telephone


@dataclass(frozen=True, slots=True)
class Keeper:
    """What the events of one bot are prepared with."""

    bot_id: int
    salt: bytes = field(repr=False)
    own_ids: Sequence[re.Pattern[str]] = ()
    audit_share: float = 0.0


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    text: str
    response: str
    normalised: str
    intent: str
    confidence: float | None
    alternatives: list[dict[str, Any]]
    entities: list[dict[str, Any]]
    dialog_state: dict[str, Any]
    error: str
    latency_ms: int | None
    model_version: str


@dataclass(frozen=True, slots=True)
class PreparedFeedback:
    about: UUID | None
    thumb: str
    rating: int | None
    reported: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """One event without personal data."""

    id: UUID
    kind: Kind
    conversation: UUID
    conversation_name: str
    at: datetime
    digest: UUID
    mended: bool
    redacted: dict[str, int]
    channel: str
    language: str
    user: UUID | None
    turn: PreparedTurn | None = None
    feedback: PreparedFeedback | None = None


def prepare(read: Read, *, name: str, sent_at: datetime, keeper: Keeper) -> Prepared:
    """Return what is stored of an event that is called `name` and was sent at `sent_at`.

    An event without a time of its own happened when it was sent.
    """
    event, pen = read.event, _Pen(keeper)
    said = event.feedback
    return Prepared(
        id=identities.event_id(name, salt=keeper.salt),
        kind=event.kind,
        conversation=identities.conversation_id(event.conversation_id, salt=keeper.salt),
        conversation_name=pen.reference(event.conversation_id),
        at=event.timestamp or sent_at,
        digest=identities.digest_of(event.model_dump_json().encode()),
        mended=read.mended,
        channel=pen.text(event.channel),
        language=pen.text(event.language),
        user=pseudonym(event.user_id, salt=keeper.salt) if event.user_id else None,
        turn=_turn(event, pen) if event.kind == Kind.TURN else None,
        feedback=_feedback(event, said, pen) if event.kind == Kind.FEEDBACK and said else None,
        redacted=dict(pen.counts),  # last: by now all has been written
    )


class _Pen:
    """Writes texts without personal data, and counts what it left out."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.counts: Counter[str] = Counter()

    def redaction(self, text: str) -> Redaction:
        redaction = redact(text, patterns=self.keeper.own_ids)
        if redaction.found:
            self.counts.update(redaction.counts)
        return redaction

    def text(self, text: str | None) -> str:
        return self.redaction(text).text if text else ""

    def reference(self, name: str) -> str:
        """A name that is personal data gets another one that is as good to tell it apart."""
        redaction = self.redaction(name)
        if not redaction.found:
            return name
        return f"{redaction.text[:120]} {pseudonym(name, salt=self.keeper.salt).hex[:12]}"

    def anything(self, value: Any) -> Any:
        """The same for JSON: keys, texts, and numbers long enough to be somebody's."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.anything(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.anything(inner) for inner in value]
        return self._number(value)

    def _number(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or value < LONG_NUMBER:
            return value
        redaction = self.redaction(f"{value:.0f}" if isinstance(value, float) else str(value))
        return redaction.text if redaction.found else value


def _turn(event: Event, pen: _Pen) -> PreparedTurn:
    spoken = event.user_input or ""
    redaction = pen.redaction(spoken)
    return PreparedTurn(
        text=redaction.text,
        response=pen.text(event.bot_response),
        normalised=normalised(redaction.text) if spoken else "",
        intent=pen.text(event.intent_detected),
        confidence=event.confidence,
        alternatives=[
            {"intent": pen.text(each.intent), "confidence": each.confidence}
            for each in event.alternatives
        ],
        entities=[_entity(each, spoken, redaction, pen) for each in event.entities_extracted],
        dialog_state=pen.anything(event.dialog_state),
        error=pen.text(event.error_message),
        latency_ms=event.latency_ms,
        model_version=pen.text(event.model_version),
    )


def _entity(entity: Entity, spoken: str, redaction: Redaction, pen: _Pen) -> dict[str, Any]:
    """Its place in the redacted text; without a place if it had none in the text as sent."""
    kept: dict[str, Any] = {"type": pen.text(entity.type), "value": pen.text(entity.value)}
    start, end = entity.start, entity.end
    if start is None or end is None or not start < end <= len(spoken):
        return kept
    start, end = redaction.moved(start, end)
    return kept | {"value": redaction.text[start:end], "start": start, "end": end}


def _feedback(event: Event, said: Said, pen: _Pen) -> PreparedFeedback:
    about = event.about and identities.event_id(event.about, salt=pen.keeper.salt)
    return PreparedFeedback(
        about=about or None,
        thumb=said.thumb or "",
        rating=said.rating,
        reported=said.reported,
        comment=pen.text(said.comment),
    )
