"""Finds the signals of conversations in which something happened, and stores them."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Bot
from ingest import following, searching
from ingest.measuring import SIGNAL_LAG
from ingest.models import Conversation
from ingest.senders import settings_of
from ingest.signals import Found, heaviest, kinds_of, rules_of, signals_of
from ingest.transcribing import Due, due_conversations, transcripts

Writing = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], None]
Started = tuple[datetime, UUID]  # when a conversation started, and its key

FOUND_AGAIN = timedelta(days=30)
MARKED_AT_ONCE = 5000

# Locked in the order in which events lock them, so that nobody waits in a circle. What was
# changed or deleted since it was read is left alone: if it is still there, it is still due.
CLEAR = """
WITH new AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s::json) AS new
        (id uuid, changes bigint, kinds text[], weight float8)
), held AS MATERIALIZED (
    SELECT c.id FROM ingest_conversation c JOIN new ON new.id = c.id
    WHERE c.changes = new.changes
    ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE ingest_conversation c
SET signals = new.kinds, weight = new.weight, due_since = NULL
FROM new JOIN held ON held.id = new.id
WHERE c.id = new.id
RETURNING c.id
"""

FORGET = """
DELETE FROM ingest_signal s
WHERE s.conversation_id = ANY(%s) AND NOT EXISTS (
    SELECT FROM json_to_recordset(%s::json) AS new (turn uuid, kind text)
    WHERE new.turn = s.turn_id AND new.kind = s.kind
)
"""

KEEP = """
INSERT INTO ingest_signal AS s (bot_id, conversation_id, turn_id, kind, weight, at, sentence)
SELECT %s, conversation, turn, kind, weight, at, sentence
FROM json_to_recordset(%s::json) AS new
    (conversation uuid, turn uuid, kind text, weight float8, at timestamptz, sentence text)
ON CONFLICT (turn_id, kind) DO UPDATE
SET weight = excluded.weight, at = excluded.at, sentence = excluded.sentence
WHERE (s.weight, s.at, s.sentence) IS DISTINCT FROM
    (excluded.weight, excluded.at, excluded.sentence)
"""

LAST = """
UPDATE ingest_conversation SET due_since = statement_timestamp()
WHERE id IN (
    SELECT id FROM ingest_conversation WHERE id = ANY(%s) AND due_since IS NOT NULL
    ORDER BY id FOR NO KEY UPDATE
)
"""

# `changes` goes up, so that a search that is under way with the old rules clears none of them.
MARK = """
WITH batch AS MATERIALIZED (
    SELECT id FROM ingest_conversation
    WHERE bot_id = %s AND started_at >= %s AND (started_at, id) < (%s::timestamptz, %s::uuid)
    ORDER BY started_at DESC, id DESC LIMIT %s
), held AS MATERIALIZED (
    SELECT c.id FROM ingest_conversation c JOIN batch ON batch.id = c.id
    ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE ingest_conversation c
SET due_since = COALESCE(due_since, statement_timestamp()), changes = changes + 1
FROM held WHERE c.id = held.id
RETURNING c.started_at, c.id
"""
LAST_OF_ALL = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


def silently(done: int, total: int, message: str) -> None:
    """Tell nobody how far the work is."""


def find_signals(
    bot: Bot, *, writing: Writing = transaction.atomic, on_progress: Progress = silently
) -> int:
    """Find the signals of all conversations that are due now; return how many there were.

    What becomes due meanwhile is left, so that this ends. One that changes while it is looked
    at stays due, and is looked at again.
    """
    due = Conversation.objects.of(bot).due()
    until = due.aggregate(Max("due_since"))["due_since__max"]
    done, total = 0, due.count()
    while until and (batch := due_conversations(bot, until=until)):
        done += _find(batch, bot=bot, writing=writing)
        on_progress(min(done, total), total, f"{done:,} conversations looked at")
    return done


def find_again(
    bot: Bot, *, writing: Writing = transaction.atomic, on_progress: Progress = silently
) -> int:
    """Have the conversations of the last 30 days looked at again; return how many these are."""
    since = timezone.now() - FOUND_AGAIN
    total = Conversation.objects.of(bot).filter(started_at__gte=since).count()
    marked, before = 0, LAST_OF_ALL
    while True:
        with writing():
            batch = _mark(bot, before=before, since=since)
        if not batch:
            return marked
        marked, before = marked + len(batch), min(batch)
        on_progress(min(marked, total), total, f"{marked:,} conversations to look at again")


# ── writing ───────────────────────────────────────────────────────────────────────────


def _find(batch: Sequence[Due], *, bot: Bot, writing: Writing) -> int:
    # Read after the batch: if they change later, find_again changes the conversations too.
    rules = rules_of(settings_of(bot).signals)
    found = {due: signals_of(transcript, rules=rules) for due, transcript in transcripts(batch)}
    with writing():
        cleared = _clear(found)
        kept = {due: signals for due, signals in found.items() if due.id in cleared}
        _replace(kept, bot=bot)
        searching.write_entries(list(cleared))
        following.tell_of_signals(bot, sorted(cleared))
        _put_last([due.id for due in found if due.id not in cleared])
    _measure(kept)
    return len(kept)


def _clear(found: dict[Due, list[Found]]) -> set[UUID]:
    """Write what is found of each conversation that has not changed; return their keys."""
    rows = [
        {
            "id": due.id,
            "changes": due.changes,
            "kinds": kinds_of(signals),
            "weight": heaviest(signals),
        }
        for due, signals in found.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(CLEAR, [_as_json(rows)])
        return {row[0] for row in cursor.fetchall()}


def _put_last(changed: list[UUID]) -> None:
    """Look at all others before those that changed meanwhile: some never fall silent."""
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(LAST, [changed])


def _replace(kept: dict[Due, list[Found]], *, bot: Bot) -> None:
    rows = _as_json(
        [
            each._asdict() | {"conversation": due.id}
            for due, signals in kept.items()
            for each in signals
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [[due.id for due in kept], rows])
        cursor.execute(KEEP, [bot.pk, rows])


def _mark(bot: Bot, *, before: Started, since: datetime) -> list[Started]:
    with connection.cursor() as cursor:
        cursor.execute(MARK, [bot.pk, since, *before, MARKED_AT_ONCE])
        marked: list[Started] = cursor.fetchall()
        return marked


def _as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, default=str)


def _measure(kept: Iterable[Due]) -> None:
    now = timezone.now()
    for due in kept:
        SIGNAL_LAG.observe(max((now - due.since).total_seconds(), 0))
