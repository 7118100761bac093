"""Notes which conversations the queue has to look at, when something was found of them."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from accounts.models import Bot
from ingest.following import after_groups, after_signals
from jobs import requesting

QUEUE = "queue_turns"

# Of most conversations nothing was found. What was noted is touched, so that whoever works it off
# in this moment waits for what is found, or leaves it.
NOTE = """
INSERT INTO annotation_queuedue AS due (conversation_id, bot_id, since)
SELECT id, bot_id, statement_timestamp() FROM ingest_conversation
WHERE id = ANY(%s) AND (side = 'audit' OR signals <> '{}' OR %s)
ORDER BY id
ON CONFLICT (conversation_id) DO UPDATE SET since = due.since
"""
OF_TEXTS = """
SELECT DISTINCT conversation_id FROM annotation_reviewitem
WHERE text_id = ANY(%s) AND status = 'open' AND policy <> 'audit'
"""


@after_signals
def note_conversations(bot: Bot, conversations: Sequence[UUID]) -> None:
    _note(bot, conversations)


@after_groups
def note_open_items(bot: Bot, texts: Sequence[UUID]) -> None:
    """Items of texts that have become alike are put together."""
    with connection.cursor() as cursor:
        cursor.execute(OF_TEXTS, [list(texts)])
        conversations = [row[0] for row in cursor.fetchall()]
    note(bot, conversations)


def note(bot: Bot, conversations: Sequence[UUID]) -> None:
    """Have the queue look at conversations again, whatever was found of them."""
    if conversations:
        _note(bot, conversations, whatever_was_found=True)


def _note(bot: Bot, conversations: Sequence[UUID], *, whatever_was_found: bool = False) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [list(conversations), whatever_was_found])
        noted = cursor.rowcount
    if noted:
        ask_for_queueing(bot)


def ask_for_queueing(bot: Bot) -> None:
    requesting.ensure(QUEUE, key=f"{QUEUE}:{bot.pk}", bot_id=bot.pk)
