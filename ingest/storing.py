"""Writes prepared events: all of a request in one statement (ingest/statements.py)."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from accounts.pipelining import sent_together
from ingest import identities
from ingest.gathering import MOST_INTENTS, MOST_USERS, Dated, Facts, gather
from ingest.preparing import Keeper, Prepared, PreparedTurn
from ingest.sides import side_of
from ingest.statements import ALONE, COMPLETE, REST, SHARED, WHOLE
from jobs import requesting

ERASING = 0x65726173  # with the bot's id; nothing else of ours locks such a pair


@dataclass(frozen=True, slots=True)
class Delivery:
    """One signed request, and what tells it from another of its name."""

    id: UUID
    digest: UUID


@dataclass(frozen=True, slots=True)
class Stored:
    """What came of storing everything at once. Where it is not `whole`, something is left to do."""

    is_known: bool  # the delivery came before, and nothing was stored
    erased: dict[UUID, datetime]  # until when what was said stays out; no event was stored
    whole: bool  # every event was new
    new: frozenset[UUID]  # those that were, where not all were; nothing but them is stored
    job_is_live: bool  # and does not end before this transaction


def store(
    events: Sequence[Prepared],
    *,
    subjects: Collection[UUID],
    delivery: Delivery | None,
    sent: int,
    job_key: str,
    keeper: Keeper,
) -> Stored:
    """Store `events`, of which no two are the same, as far as nothing stands against it.

    Waits for who records the same delivery, and for who buries one of the `subjects`. `job_key` is
    of the job that looks at them afterwards.
    """
    values = _said(events, keeper) | {
        "events": _as_json(_event_row(event) for event in _in_order(events)),
        "subjects": list(subjects),
        "delivery": delivery and delivery.id,
        "digest": delivery and delivery.digest,
        "sent": sent,
        "distinct": len(events),
    }
    with sent_together() as send:
        # A statement of its own: the next one sees what was stored while it waited.
        send(SHARED, [ERASING, keeper.bot_id])
        answer, job = send(WHOLE, values), send(requesting.KEEP, [job_key])
        (is_known, buried, until, whole, new), *_ = answer.fetchall()
        live = job.fetchone() is not None
    erased = dict(zip(buried or (), until or (), strict=True))
    return Stored(is_known, erased, whole, frozenset(new or ()), job_is_live=live)


def store_rest(events: Sequence[Prepared], *, keeper: Keeper) -> None:
    """Store what `events`, which are new and are stored themselves, say."""
    with sent_together() as send:
        send(REST, _said(events, keeper))


def complete(turns: Collection[UUID], *, bot_id: int) -> None:
    """Have turns hold what their completions say.

    In the transaction that has stored some of either, and so has locked their conversations.
    """
    if turns:
        with sent_together() as send:
            send(COMPLETE, {"turns": list(turns), "bot": bot_id})


def wait_for_storing(bot_id: int) -> None:
    """Wait until nobody stores events; until the transaction ends, nobody will."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [ERASING, bot_id])


def _said(events: Sequence[Prepared], keeper: Keeper) -> dict[str, Any]:
    turns = (
        _turn_row(event, event.turn, keeper) for event in events if event.turn and event.is_turn
    )
    completions = (
        _turn_row(event, event.turn, keeper) | {"completes": event.completes}
        for event in events
        if event.turn and event.completes
    )
    return {
        "bot": keeper.bot_id,
        "audit_share": keeper.audit_share,
        "most_users": MOST_USERS,
        "most_intents": MOST_INTENTS,
        "conversations": _as_json(_conversation_row(each, keeper) for each in gather(events)),
        "turns": _as_json(turns),
        "completions": _as_json(completions),
        "feedback": _as_json(_feedback_row(event) for event in events if event.feedback),
    }


def _in_order(events: Iterable[Prepared]) -> list[Prepared]:
    """Sorted: two who store the same events wait for each other in one order only."""
    return sorted(events, key=lambda event: event.id)


def _event_row(event: Prepared) -> dict[str, Any]:
    return {
        "id": event.id,
        "conversation": event.conversation,
        "kind": event.kind,
        "at": event.at,
        "end_user": event.user,
        "digest": event.digest,
        "redacted": event.redacted,
        "mended": event.mended,
    }


def _feedback_row(event: Prepared) -> dict[str, Any]:
    said = event.feedback
    assert said  # noqa: S101  # for the types
    return {
        "id": event.id,
        "conversation": event.conversation,
        "about": said.about,
        "at": event.at,
        "thumb": said.thumb,
        "rating": said.rating,
        "reported": said.reported,
        "comment": said.comment,
    }


def _conversation_row(facts: Facts, keeper: Keeper) -> dict[str, Any]:
    channel_at, channel = _apart(facts.channel)
    language_at, language = _apart(facts.language)
    return {
        "id": facts.id,
        "name": facts.name,
        "started_at": facts.started_at,
        "last_at": facts.last_at,
        "channel": channel,
        "channel_at": channel_at,
        "language": language,
        "language_at": language_at,
        "users": sorted(facts.users)[:MOST_USERS],
        "intents": sorted(facts.intents)[:MOST_INTENTS],
        "lowest_confidence": facts.lowest_confidence,
        "turn_count": facts.turn_count,
        "escalated_at": facts.escalated_at,
        "closed_at": facts.closed_at,
        "side": side_of(facts.id, audit_share=keeper.audit_share),
    }


def _apart(dated: Dated | None) -> tuple[Any, str]:
    return dated or (None, "")


def _turn_row(event: Prepared, turn: PreparedTurn, keeper: Keeper) -> dict[str, Any]:
    said = turn.normalised
    return {
        "id": event.id,
        "conversation": event.conversation,
        "at": event.at,
        "text": turn.text,
        "response": turn.response,
        "distinct_text": identities.text_id(said, salt=keeper.salt) if said else None,
        "normalised": said,
        "intent": turn.intent,
        "confidence": turn.confidence,
        "alternatives": turn.alternatives,
        "entities": turn.entities,
        "dialog_state": turn.dialog_state,
        "error": turn.error,
        "latency_ms": turn.latency_ms,
        "model_version": turn.model_version,
    }


def _as_json(rows: Iterable[dict[str, Any]]) -> str:
    written = list(rows)
    try:
        return orjson.dumps(written).decode()
    except orjson.JSONEncodeError:  # a whole number of more than 64 bits in a dialog state
        return json.dumps(written, default=str)
