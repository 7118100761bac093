"""What several events say of one conversation, whatever their order.

Every field of Facts is a smallest, a largest, a union or a sum, so that adding up is the same
in any order. `storing.UPSERT` adds Facts to a stored row by the same rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from ingest.events import Kind
from ingest.preparing import Prepared

# A conversation that names more is no conversation; the smallest of a union are its own union.
MOST_INTENTS = 100
MOST_USERS = 20

# A word and when it was said. The earlier wins, then the smaller: empty ones are None.
Dated = tuple[datetime, str]
Smallest = TypeVar("Smallest", datetime, float, Dated)


@dataclass(frozen=True, slots=True)
class Facts:
    """What some of the events of one conversation say of it."""

    id: UUID
    name: str
    started_at: datetime
    last_at: datetime
    channel: Dated | None
    language: Dated | None
    users: frozenset[UUID]
    intents: frozenset[str]
    lowest_confidence: float | None
    turn_count: int
    escalated_at: datetime | None
    closed_at: datetime | None


def gather(events: Iterable[Prepared]) -> list[Facts]:
    """Return what `events` say of each conversation, sorted by its key.

    Sorted, because all who store them lock the rows in this order and so never wait in a circle.
    """
    found: dict[UUID, Facts] = {}
    for event in events:
        facts = _facts_of(event)
        known = found.get(facts.id)
        found[facts.id] = _both(known, facts) if known else facts
    return sorted(found.values(), key=lambda facts: facts.id)


def _facts_of(event: Prepared) -> Facts:
    turn = event.turn
    return Facts(
        id=event.conversation,
        name=event.conversation_name,
        started_at=event.at,
        last_at=event.at,
        channel=(event.at, event.channel) if event.channel else None,
        language=(event.at, event.language) if event.language else None,
        users=frozenset([event.user] if event.user else []),
        intents=frozenset([turn.intent] if turn and turn.intent else []),
        lowest_confidence=turn.confidence if turn else None,
        turn_count=int(event.is_turn),
        escalated_at=event.at if event.kind == Kind.ESCALATION else None,
        closed_at=event.at if event.kind == Kind.CLOSED else None,
    )


def _both(one: Facts, other: Facts) -> Facts:
    return replace(
        one,
        started_at=min(one.started_at, other.started_at),
        last_at=max(one.last_at, other.last_at),
        channel=_smaller(one.channel, other.channel),
        language=_smaller(one.language, other.language),
        users=one.users | other.users,
        intents=one.intents | other.intents,
        lowest_confidence=_smaller(one.lowest_confidence, other.lowest_confidence),
        turn_count=one.turn_count + other.turn_count,
        escalated_at=_smaller(one.escalated_at, other.escalated_at),
        closed_at=_smaller(one.closed_at, other.closed_at),
    )


def _smaller(one: Smallest | None, other: Smallest | None) -> Smallest | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
