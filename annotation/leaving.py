"""Lets go of what is kept of conversations that are deleted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Bot
from annotation.following import note
from ingest.leaving import lets_go

TURNS = "SELECT event_id FROM ingest_turn WHERE conversation_id = ANY(%s)"

# Before anything else of them, and in one order: whoever answers is waited for.
LOCK = """
SELECT id FROM annotation_reviewitem
WHERE turn_id = ANY(%(turns)s)
OR id IN (SELECT item_id FROM annotation_itemturn WHERE turn_id = ANY(%(turns)s))
ORDER BY id FOR UPDATE
"""
FORGET = (
    "DELETE FROM annotation_knownturn WHERE turn_id = ANY(%(turns)s)",
    # Whoever was asked of such a turn: its words, and what they typed, go too.
    """DELETE FROM annotation_goldquestion USING annotation_reviewitem item
    WHERE item.id = item_id AND item.turn_id = ANY(%(turns)s)""",
    "DELETE FROM annotation_goldlabel WHERE turn_id = ANY(%(turns)s)",
    """WITH gone AS (
        DELETE FROM annotation_itemturn WHERE turn_id = ANY(%(turns)s) RETURNING item_id
    )
    UPDATE annotation_reviewitem AS item SET alike_count = alike_count - fewer
    FROM (SELECT item_id, count(*) AS fewer FROM gone GROUP BY item_id) AS by_item
    WHERE item.id = by_item.item_id""",
)
# An answer that holds for others too stays, as said of one of them: its words are of the turn
# that goes, and go with it.
HAND_ON = """
WITH heir AS MATERIALIZED (
    SELECT DISTINCT ON (item.id) item.id, turn.event_id, turn.conversation_id, turn.at,
        turn.distinct_text_id
    FROM annotation_reviewitem item
    JOIN annotation_itemturn beside ON beside.item_id = item.id
    JOIN ingest_turn turn ON turn.event_id = beside.turn_id
    WHERE item.turn_id = ANY(%(turns)s) AND item.status = 'done'
    ORDER BY item.id, turn.event_id
), stood AS (
    DELETE FROM annotation_itemturn USING heir WHERE turn_id = heir.event_id
), words AS (
    UPDATE annotation_annotation SET note = '', better_answer = ''
    FROM heir WHERE item_id = heir.id RETURNING annotation_annotation.id
), marked AS (
    DELETE FROM annotation_entityspan USING words WHERE annotation_id = words.id
), told AS (
    UPDATE annotation_sentback SET note = '' FROM heir WHERE item_id = heir.id
)
UPDATE annotation_reviewitem AS item
SET turn_id = heir.event_id, conversation_id = heir.conversation_id, at = heir.at,
    text_id = heir.distinct_text_id, alike_count = alike_count - 1, reasons = '[]', guesses = '[]',
    guess = '', confidence = NULL, margin = NULL, neighbours = '[]'
FROM heir WHERE item.id = heir.id
"""
# What still waits is made anew of those that are left.
STAND_ALONE = """
DELETE FROM annotation_itemturn USING annotation_reviewitem item, ingest_turn turn
WHERE item.id = item_id AND item.turn_id = ANY(%(turns)s)
    AND turn.event_id = annotation_itemturn.turn_id
RETURNING turn.conversation_id
"""
DELETE = (
    """DELETE FROM annotation_entityspan WHERE annotation_id IN (
        SELECT said.id FROM annotation_annotation said
        JOIN annotation_reviewitem item ON item.id = said.item_id
        WHERE item.turn_id = ANY(%(turns)s)
    )""",
    # Withdrawn ones, of turns that were alike once.
    """DELETE FROM annotation_goldlabel WHERE annotation_id IN (
        SELECT said.id FROM annotation_annotation said
        JOIN annotation_reviewitem item ON item.id = said.item_id
        WHERE item.turn_id = ANY(%(turns)s)
    )""",
    *(
        f"""DELETE FROM annotation_{name} AS gone USING annotation_reviewitem item
        WHERE item.id = gone.item_id AND item.turn_id = ANY(%(turns)s)"""  # noqa: S608
        for name in ("dispute", "askedanew", "sentback")
    ),
    """DELETE FROM annotation_correction AS gone
    USING annotation_annotation said, annotation_reviewitem item
    WHERE said.id = gone.annotation_id AND item.id = said.item_id
        AND item.turn_id = ANY(%(turns)s)""",
    """DELETE FROM annotation_annotation USING annotation_reviewitem item
    WHERE item.id = item_id AND item.turn_id = ANY(%(turns)s)""",
    """DELETE FROM annotation_askedagain USING annotation_reviewitem item
    WHERE item.id = item_id AND item.turn_id = ANY(%(turns)s)""",
    "DELETE FROM annotation_reviewitem WHERE turn_id = ANY(%(turns)s)",
)


@lets_go
def forget_items(bot: Bot, conversations: Sequence[UUID]) -> None:
    """Delete items, answers and gold labels of turns that go; others that are alike stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM annotation_queuedue WHERE conversation_id = ANY(%s)", [list(conversations)]
        )
        cursor.execute(TURNS, [list(conversations)])
        values: dict[str, Any] = {"turns": [row[0] for row in cursor.fetchall()]}
        cursor.execute(LOCK, values)
        for statement in (*FORGET, HAND_ON):
            cursor.execute(statement, values)
        cursor.execute(STAND_ALONE, values)
        left = {row[0] for row in cursor.fetchall()}
        for statement in DELETE:
            cursor.execute(statement, values)
    note(bot, sorted(left))
