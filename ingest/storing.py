"""Writes prepared events, a whole batch with each statement.

Rows go to the database as one JSON value: arrays and objects inside them need no quoting of
ours, and a thousand rows are parsed as quickly as they could be bound.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ingest import identities
from ingest.gathering import MOST_INTENTS, MOST_USERS, Dated, Facts
from ingest.preparing import Keeper, Prepared, PreparedTurn
from ingest.sides import side_of

# Taken for as long as a transaction lasts: shared by those who store events, alone by who buries
# an end user. So whoever stores has seen the tombstone, or is done before it is set.
ERASING = 0x65726173  # with the bot's id; nothing else of ours locks such a pair
SHARED = "SELECT pg_advisory_xact_lock_shared(%s, %s)"
ALONE = "SELECT pg_advisory_xact_lock(%s, %s)"


@dataclass(frozen=True, slots=True)
class Opening:
    """What there is to know before the events of a delivery are stored."""

    is_new: bool
    erased: dict[UUID, datetime]  # until when what was said stays out


DELIVERY = """
WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(%s, %s))
INSERT INTO ingest_delivery (id, bot_id, digest, event_count, received_at)
SELECT %s, %s, %s, %s, statement_timestamp() FROM held
ON CONFLICT (id) DO NOTHING
"""

TOMBSTONES = """
SELECT subject, erased_at FROM ingest_tombstone WHERE bot_id = %s AND subject = ANY(%s)
"""

EVENTS = """
INSERT INTO ingest_incomingevent
    (id, bot_id, conversation_id, kind, at, received_at, "user", digest, redacted, mended)
SELECT id, %(bot)s, conversation, kind, at, statement_timestamp(), end_user, digest, redacted,
    mended
FROM json_to_recordset(%(rows)s::json) AS new
    (id uuid, conversation uuid, kind text, at timestamptz, end_user uuid, digest uuid,
     redacted jsonb, mended boolean)
ON CONFLICT (id) DO NOTHING
RETURNING id
"""

# The same rules as gathering.py. An abandoned conversation is open again when it goes on.
UPSERT = """
INSERT INTO ingest_conversation AS c
    (id, bot_id, name, started_at, last_at, channel, channel_at, language, language_at, users,
     intents, lowest_confidence, turn_count, escalated_at, closed_at, outcome, side, audit_share,
     signals, weight, due_since, changes)
SELECT id, %(bot)s, name, started_at, last_at, channel, channel_at, language, language_at, users,
    intents, lowest_confidence, turn_count, escalated_at, closed_at,
    CASE WHEN escalated_at IS NOT NULL THEN 'escalated'
         WHEN closed_at IS NOT NULL THEN 'closed' ELSE 'open' END,
    side, %(audit_share)s, '{}', 0, statement_timestamp(), 1
FROM json_to_recordset(%(rows)s::json) AS new
    (id uuid, name text, started_at timestamptz, last_at timestamptz, channel text,
     channel_at timestamptz, language text, language_at timestamptz, users uuid[],
     intents text[], lowest_confidence float8, turn_count int, escalated_at timestamptz,
     closed_at timestamptz, side text)
ON CONFLICT (id) DO UPDATE SET
    started_at = LEAST(c.started_at, excluded.started_at),
    last_at = GREATEST(c.last_at, excluded.last_at),
    channel = CASE WHEN (COALESCE(excluded.channel_at, 'infinity'), excluded.channel COLLATE "C")
                      < (COALESCE(c.channel_at, 'infinity'), c.channel)
                   THEN excluded.channel ELSE c.channel END,
    channel_at = LEAST(c.channel_at, excluded.channel_at),
    language = CASE WHEN (COALESCE(excluded.language_at, 'infinity'), excluded.language COLLATE "C")
                       < (COALESCE(c.language_at, 'infinity'), c.language)
                    THEN excluded.language ELSE c.language END,
    language_at = LEAST(c.language_at, excluded.language_at),
    users = CASE WHEN c.users @> excluded.users THEN c.users ELSE (ARRAY(
        SELECT DISTINCT one FROM unnest(c.users || excluded.users) one ORDER BY one
    ))[1:%(most_users)s] END,
    intents = CASE WHEN c.intents @> excluded.intents THEN c.intents ELSE (ARRAY(
        SELECT one FROM (SELECT DISTINCT unnest(c.intents || excluded.intents) one) all_of_them
        ORDER BY one COLLATE "C"
    ))[1:%(most_intents)s] END,
    lowest_confidence = LEAST(c.lowest_confidence, excluded.lowest_confidence),
    turn_count = c.turn_count + excluded.turn_count,
    escalated_at = LEAST(c.escalated_at, excluded.escalated_at),
    closed_at = LEAST(c.closed_at, excluded.closed_at),
    outcome = CASE
        WHEN COALESCE(c.escalated_at, excluded.escalated_at) IS NOT NULL THEN 'escalated'
        WHEN COALESCE(c.closed_at, excluded.closed_at) IS NOT NULL THEN 'closed'
        WHEN excluded.last_at > c.last_at THEN 'open'
        ELSE c.outcome END,
    due_since = COALESCE(c.due_since, statement_timestamp()),
    changes = c.changes + 1
"""

# DO NOTHING takes no lock on the texts that are there: everybody says yes.
TURNS = """
WITH new AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS new
        (id uuid, conversation uuid, at timestamptz, text text, response text, distinct_text uuid,
         normalised text, intent text, confidence float8, alternatives jsonb, entities jsonb,
         dialog_state jsonb, error text, latency_ms int, model_version text)
), texts AS (
    INSERT INTO ingest_text (id, bot_id, text, encoded_by, compared, bands)
    SELECT DISTINCT ON (distinct_text) distinct_text, %(bot)s, normalised, '', false, '{}'::bigint[]
    FROM new WHERE distinct_text IS NOT NULL ORDER BY distinct_text
    ON CONFLICT (id) DO NOTHING
)
INSERT INTO ingest_turn
    (event_id, bot_id, conversation_id, at, text, response, distinct_text_id, intent, confidence,
     alternatives, entities, dialog_state, error, latency_ms, model_version)
SELECT id, %(bot)s, conversation, at, text, response, distinct_text, intent, confidence,
    alternatives, entities, dialog_state, error, latency_ms, model_version
FROM new
"""

FEEDBACK = """
INSERT INTO ingest_feedback
    (event_id, bot_id, conversation_id, about, at, thumb, rating, reported, comment)
SELECT id, %(bot)s, conversation, about, at, thumb, rating, reported, comment
FROM json_to_recordset(%(rows)s::json) AS new
    (id uuid, conversation uuid, about uuid, at timestamptz, thumb text, rating smallint,
     reported boolean, comment text)
"""


@contextmanager
def sent_together() -> Iterator[None]:
    """Send the statements in here without waiting for each answer.

    Waiting costs both sides more than a short statement does.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def insert_delivery(
    key: UUID, *, digest: UUID, count: int, subjects: Iterable[UUID], keeper: Keeper
) -> Opening:
    """Record a delivery, and read the tombstones of its `subjects`.

    Somebody who records the same one now is waited for, and so is erasing.
    """
    delivery: list[Any] = [ERASING, keeper.bot_id, key, keeper.bot_id, digest, count]
    with sent_together(), connection.cursor() as first, connection.cursor() as second:
        first.execute(DELIVERY, delivery)
        # A statement of its own: it sees what was stored while the first one waited.
        second.execute(TOMBSTONES, [keeper.bot_id, list(subjects)])
        erased = dict(second.fetchall())
        return Opening(first.rowcount == 1, erased)


def wait_for_erasing(bot_id: int) -> None:
    """Wait until nobody is being buried; until the transaction ends, nobody will be."""
    with connection.cursor() as cursor:
        cursor.execute(SHARED, [ERASING, bot_id])


def wait_for_storing(bot_id: int) -> None:
    """Wait until nobody stores events; until the transaction ends, nobody will."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [ERASING, bot_id])


def tombstones(subjects: Iterable[UUID], *, keeper: Keeper) -> dict[UUID, datetime]:
    """Until when what was said stays out, for those of `subjects` that were erased."""
    with connection.cursor() as cursor:
        cursor.execute(TOMBSTONES, [keeper.bot_id, list(subjects)])
        return dict(cursor.fetchall())


def insert_events(events: Sequence[Prepared], *, keeper: Keeper) -> set[UUID]:
    """Store what was not there, and return the keys of it."""
    rows = [
        {
            "id": event.id,
            "conversation": event.conversation,
            "kind": event.kind,
            "at": event.at,
            "end_user": event.user,
            "digest": event.digest,
            "redacted": event.redacted,
            "mended": event.mended,
        }
        # Sorted: two who store the same events wait for each other in one order only.
        for event in sorted(events, key=lambda event: event.id)
    ]
    return {row[0] for row in _returned(EVENTS, rows, keeper)}


def upsert_conversations(facts: Sequence[Facts], *, keeper: Keeper) -> None:
    rows = [_conversation_row(each, keeper) for each in facts]
    values = {
        "audit_share": keeper.audit_share,
        "most_users": MOST_USERS,
        "most_intents": MOST_INTENTS,
    }
    _run(UPSERT, rows, keeper, **values)


def insert_turns(events: Iterable[Prepared], *, keeper: Keeper) -> None:
    """Store the turns among `events`, and the texts that no turn had before."""
    _run(TURNS, [_turn_row(event, event.turn, keeper) for event in events if event.turn], keeper)


def insert_feedback(events: Iterable[Prepared], *, keeper: Keeper) -> None:
    rows = [
        {
            "id": event.id,
            "conversation": event.conversation,
            "about": event.feedback.about,
            "at": event.at,
            "thumb": event.feedback.thumb,
            "rating": event.feedback.rating,
            "reported": event.feedback.reported,
            "comment": event.feedback.comment,
        }
        for event in events
        if event.feedback
    ]
    _run(FEEDBACK, rows, keeper)


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


def _run(statement: str, rows: Sequence[Any], keeper: Keeper, **values: Any) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, _values(rows, keeper) | values)


def _returned(statement: str, rows: Sequence[Any], keeper: Keeper) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(rows, keeper))
        returned: list[Any] = cursor.fetchall()
    return returned


def _values(rows: Sequence[Any], keeper: Keeper) -> dict[str, Any]:
    return {"bot": keeper.bot_id, "rows": json.dumps(rows, default=str)}
