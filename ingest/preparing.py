"""From an event to what may be stored of it: redacted, under pseudonyms and made keys."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.pseudonyms import pseudonym
from ingest import identities
from ingest.events import Entity, Event, Kind, Said
from ingest.pen import Pen
from ingest.reading import Read
from ingest.redacting import Redaction
from ml.normalising import normalised


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
    completes: UUID | None = None  # the event of another turn, of which `turn` says more

    @property
    def is_turn(self) -> bool:
        """Whether it is a turn of its own."""
        return self.turn is not None and self.completes is None


def prepare(read: Read, *, name: str, sent_at: datetime, keeper: Keeper) -> Prepared:
    """Return what is stored of an event that is called `name` and was sent at `sent_at`.

    An event without a time of its own happened when it was sent.
    """
    event, pen = read.event, Pen(keeper.own_ids, salt=keeper.salt)
    said = event.feedback
    return Prepared(
        id=identities.event_id(name, salt=keeper.salt),
        kind=event.kind,
        conversation=identities.conversation_id(event.conversation_id, salt=keeper.salt),
        conversation_name=pen.reference(event.conversation_id),
        at=event.timestamp or sent_at,
        digest=identities.digest_of(_content(event), salt=keeper.salt),
        mended=read.mended,
        channel=pen.name(event.channel),
        language=pen.name(event.language),
        user=pseudonym(event.user_id, salt=keeper.salt) if event.user_id else None,
        turn=_turn(event, pen) if event.kind == Kind.TURN else None,
        completes=event.prediction_id if event.completes_a_turn else None,
        feedback=_feedback(event, said, pen, keeper)
        if event.kind == Kind.FEEDBACK and said
        else None,
        redacted=dict(pen.counts),  # last: by now all has been written
    )


def _content(event: Event) -> bytes:
    """The same for the same event, also once events have more fields than today."""
    return event.model_dump_json(exclude_defaults=True).encode()


def _turn(event: Event, pen: Pen) -> PreparedTurn:
    spoken = event.user_input or ""
    redaction = pen.redaction(spoken)
    return PreparedTurn(
        text=redaction.text,
        response=pen.text(event.bot_response),
        normalised=normalised(redaction.text) if spoken else "",
        intent=pen.name(event.intent_detected),
        confidence=event.confidence,
        alternatives=[
            {"intent": pen.name(each.intent), "confidence": each.confidence}
            for each in sorted(event.alternatives, key=lambda each: -each.confidence)
        ],
        entities=[_entity(each, spoken, redaction, pen) for each in event.entities_extracted],
        dialog_state=pen.anything(event.dialog_state),
        error=pen.text(event.error_message),
        latency_ms=event.latency_ms,
        model_version=pen.name(event.model_version),
    )


def _entity(entity: Entity, spoken: str, redaction: Redaction, pen: Pen) -> dict[str, Any]:
    """Its place in the redacted text; without a place if it had none in the text as sent."""
    value = pen.anything(entity.value or "", key=entity.type)
    kept: dict[str, Any] = {"type": pen.name(entity.type), "value": value}
    start, end = entity.start, entity.end
    if start is None or end is None or not start < end <= len(spoken):
        return kept
    start, end = redaction.moved(start, end)
    return kept | {"value": redaction.text[start:end], "start": start, "end": end}


def _feedback(event: Event, said: Said, pen: Pen, keeper: Keeper) -> PreparedFeedback:
    named = event.about and identities.event_id(event.about, salt=keeper.salt)
    about = event.prediction_id or named
    return PreparedFeedback(
        about=about or None,
        thumb=said.thumb or "",
        rating=said.rating,
        reported=said.reported,
        comment=pen.text(said.comment),
    )
