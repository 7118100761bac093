"""Deletes conversations, and all that rooms above this one keep of them.

A room that keeps something of a conversation registers how it lets go of it:

@lets_go
def forget_review_items(bot: Bot, conversations: Sequence[UUID]) -> None: ...
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from accounts.models import Bot
from ingest import comparing, vector_copy
from ingest.models import IntakeSettings
from ingest.text_lock import lock_texts

AT_ONCE = 500  # conversations in one transaction, so that no lock is held for long

LetGo = Callable[[Bot, Sequence[UUID]], None]
REGISTRY: list[LetGo] = []


def lets_go(function: LetGo) -> LetGo:
    """Register what is called in the transaction that deletes conversations, and before."""
    REGISTRY.append(function)
    return function


def delete_conversations(bot: Bot, conversations: Sequence[UUID]) -> None:
    """Delete at most AT_ONCE conversations of `bot` with everything that hangs on them."""
    with transaction.atomic():
        _lock(conversations)
        for function in REGISTRY:
            function(bot, conversations)
        texts = _delete_rows(conversations)
        _delete_unused_texts(bot, texts)


def _lock(conversations: Sequence[UUID]) -> None:
    """In the order in which those who store events lock them, so that nobody waits in a circle."""
    _run(
        "SELECT id FROM ingest_conversation WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
        list(conversations),
    )


ROWS = (
    "DELETE FROM ingest_signal WHERE conversation_id = ANY(%s)",
    "DELETE FROM ingest_completion WHERE conversation_id = ANY(%s)",
    "DELETE FROM ingest_feedback WHERE conversation_id = ANY(%s)",
    "DELETE FROM ingest_searchentry WHERE conversation_id = ANY(%s)",
)
TURNS = "DELETE FROM ingest_turn WHERE conversation_id = ANY(%s) RETURNING distinct_text_id"
REST = (
    "DELETE FROM ingest_incomingevent WHERE conversation_id = ANY(%s)",
    "DELETE FROM ingest_conversation WHERE id = ANY(%s)",
)


def _delete_rows(conversations: Sequence[UUID]) -> list[UUID]:
    """Delete them, and return the texts that were said in them."""
    ids = list(conversations)
    for statement in ROWS:
        _run(statement, ids)
    texts = {row[0] for row in _run(TURNS, ids) if row[0]}
    for statement in REST:
        _run(statement, ids)
    return sorted(texts)


UNUSED = """
SELECT id FROM ingest_text
WHERE id = ANY(%s) AND NOT EXISTS (SELECT FROM ingest_turn WHERE distinct_text_id = ingest_text.id)
ORDER BY id FOR UPDATE
"""


def _delete_unused_texts(bot: Bot, texts: list[UUID]) -> None:
    """What only these conversations said goes, with its vectors.

    Somebody may say it again in this moment: their turn then points to a text that is gone,
    and receiving.py stores theirs once more.
    """
    lock_texts(bot)  # before any row of theirs
    unused = [row[0] for row in _run(UNUSED, texts)]
    if not unused:
        return
    comparing.part_from(bot, unused)
    _run("DELETE FROM ingest_textvector WHERE text_id = ANY(%s)", unused)
    _run("DELETE FROM ingest_text WHERE id = ANY(%s)", unused)
    IntakeSettings.objects.get_or_create(bot=bot)
    settings = IntakeSettings.objects.filter(bot=bot)
    settings.update(vector_generation=F("vector_generation") + 1)
    # Copies on other machines see the number and are made anew when they are opened.
    transaction.on_commit(partial(vector_copy.delete_copies, bot))


def _run(statement: str, ids: list[UUID]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [ids])
        return list(cursor.fetchall()) if cursor.description else []
