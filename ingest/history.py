"""The events that a conversation is made of, as they came in."""

from dataclasses import dataclass

from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from ingest import marks
from ingest.finding import Place
from ingest.models import Conversation, IncomingEvent


@dataclass(frozen=True)
class EventRow:
    event: IncomingEvent
    mark: marks.Mark
    redacted: str


@dataclass(frozen=True)
class Events:
    rows: list[EventRow]
    later_after: Place | None
    is_first: bool


def events(conversation: Conversation, *, most: int, after: Place | None = None) -> Events:
    """What came in about it, in the order in which it happened."""
    found = conversation.events.order_by("at", "pk")
    if after:
        found = found.filter(TupleGreaterThan(Tuple(F("at"), F("id")), (after.at, after.id)))
    read = list(found[: most + 1])
    rows = [EventRow(event, marks.event(event.kind), _kinds(event)) for event in read[:most]]
    last = read[most - 1] if len(read) > most else None
    return Events(rows, Place(last.at, last.pk) if last else None, is_first=after is None)


def _kinds(event: IncomingEvent) -> str:
    return ", ".join(f"{kind} × {count}" for kind, count in sorted(event.redacted.items()))
