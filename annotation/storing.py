"""Writes items, a whole batch with each statement. The rows go to the database as one value."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Bot

COLUMNS = """
    (id bigint, turn uuid, conversation uuid, text uuid, text_group uuid, at timestamptz, lane text,
     weight float8, kinds text[], reasons jsonb, guesses jsonb, guess text, confidence float8,
     margin float8, model_version text, priority float8, policy text, chance float8,
     alike_count int, guess_hidden boolean, answers_wanted smallint, moved boolean)
"""
CREATE = f"""
INSERT INTO annotation_reviewitem
    (bot_id, turn_id, conversation_id, text_id, text_group, at, lane, status, weight, kinds,
     reasons, guesses, guess, confidence, margin, model_version, priority, policy, chance,
     alike_count, guess_hidden, answers_wanted, neighbours, neighbours_of, not_for, created_at)
SELECT %s, turn, conversation, text, text_group, at, lane, 'open', weight, kinds,
    reasons, guesses, guess, confidence, margin, model_version, priority, policy, chance,
    alike_count, guess_hidden, answers_wanted, '[]', 0, '{{}}', statement_timestamp()
FROM json_to_recordset(%s::json) AS new {COLUMNS}
ON CONFLICT (turn_id) DO NOTHING
RETURNING turn_id, id
"""  # noqa: S608  # own words

# Whoever picked an item says what it shows, and how useful it is at least.
IS_PICKED = "item.policy NOT IN ('signals', 'random', 'audit')"

REWRITE = f"""
UPDATE annotation_reviewitem AS item
SET turn_id = turn, conversation_id = conversation, text_id = text, text_group = new.text_group,
    at = new.at, weight = new.weight, kinds = new.kinds, alike_count = new.alike_count,
    (reasons, guesses, guess, confidence, margin, model_version, priority) = (
        SELECT reasons, guesses, guess, confidence, margin, model_version, priority
        FROM (VALUES
            (true, item.reasons, item.guesses, item.guess, item.confidence, item.margin,
             item.model_version, greatest(item.priority, new.priority)),
            (false, new.reasons, new.guesses, new.guess, new.confidence, new.margin,
             new.model_version, new.priority)
        ) AS each (picked, reasons, guesses, guess, confidence, margin, model_version, priority)
        WHERE picked = ({IS_PICKED})
    ),
    neighbours = CASE WHEN moved THEN '[]' ELSE neighbours END,
    neighbours_of = CASE WHEN moved THEN 0 ELSE neighbours_of END
FROM json_to_recordset(%s::json) AS new {COLUMNS}
WHERE item.id = new.id AND (
    moved OR (item.weight, item.kinds, item.reasons, item.priority, item.alike_count,
              item.text_group)
    IS DISTINCT FROM (new.weight, new.kinds::varchar[], new.reasons, new.priority,
                      new.alike_count, new.text_group)
)
"""  # noqa: S608  # own words

GROW = f"""
UPDATE annotation_reviewitem AS item
SET text_group = new.text_group, weight = new.weight, kinds = new.kinds,
    priority = CASE WHEN {IS_PICKED} THEN greatest(item.priority, new.priority)
        ELSE new.priority END,
    alike_count = new.alike_count
FROM json_to_recordset(%s::json) AS new {COLUMNS}
WHERE item.id = new.id
"""  # noqa: S608  # own words

PICK_UP = f"""
UPDATE annotation_reviewitem AS item
SET lane = new.lane, policy = new.policy, chance = NULL, priority = new.priority,
    guesses = new.guesses, guess = new.guess, confidence = new.confidence, margin = new.margin,
    model_version = new.model_version, reasons = new.reasons || CASE
        WHEN {IS_PICKED} THEN item.reasons - 0 WHEN item.kinds = '{{}}' THEN '[]'
        ELSE item.reasons END
FROM json_to_recordset(%s::json) AS new {COLUMNS}
WHERE item.id = new.id
"""  # noqa: S608  # own words

# `exact` is said of the turn that leads, whichever that is by now.
STAND_BESIDE = """
INSERT INTO annotation_itemturn (turn_id, item_id, exact)
SELECT event_id, item.id, distinct_text_id = item.text_id
FROM unnest(%s::uuid[], %s::bigint[]) AS new (turn, item)
JOIN ingest_turn ON event_id = new.turn JOIN annotation_reviewitem item ON item.id = new.item
ON CONFLICT (turn_id) DO UPDATE SET item_id = excluded.item_id, exact = excluded.exact
"""
STAND_ALONE = "DELETE FROM annotation_itemturn WHERE turn_id = ANY(%s)"
SAY_WHO_IS_EXACT = """
UPDATE annotation_itemturn AS beside SET exact = (turn.distinct_text_id = item.text_id)
FROM annotation_reviewitem item, ingest_turn turn
WHERE beside.item_id = ANY(%s) AND item.id = beside.item_id AND turn.event_id = beside.turn_id
AND beside.exact IS DISTINCT FROM (turn.distinct_text_id = item.text_id)
"""
MOVE = """
UPDATE annotation_itemturn AS beside SET item_id = new.item
FROM unnest(%s::bigint[], %s::bigint[]) AS new (former, item)
WHERE beside.item_id = new.former
"""
DELETE = "DELETE FROM annotation_reviewitem WHERE id = ANY(%s)"


def create(bot: Bot, drafts: Sequence[dict[str, Any]]) -> dict[UUID, int]:
    """Store new items; their keys by the turns that lead them. A turn has one item for ever."""
    if not drafts:
        return {}
    # In one order, so that two who store the same do not wait in a circle.
    rows = sorted(drafts, key=lambda draft: str(draft["turn"]))
    with connection.cursor() as cursor:
        cursor.execute(CREATE, [bot.pk, _as_json(rows)])
        return dict(cursor.fetchall())


def rewrite(rows: Sequence[dict[str, Any]]) -> None:
    """Have items show what their leading turn says now; `moved` where that is another turn."""
    if rows:
        _run(REWRITE, _as_json(rows))


def grow(rows: Sequence[dict[str, Any]]) -> None:
    """Have items weigh and count more, and show what they do."""
    if rows:
        _run(GROW, _as_json(rows))


def pick_up(rows: Sequence[dict[str, Any]]) -> None:
    """Have items show what was picked of them; why they waited before comes after."""
    if rows:
        _run(PICK_UP, _as_json(rows))


def stand_beside(pairs: Iterable[tuple[UUID, int]]) -> None:
    """Let turns stand beside items, wherever they stood."""
    if rows := list(pairs):
        _run(STAND_BESIDE, [turn for turn, _ in rows], [item for _, item in rows])


def stand_alone(turns: Sequence[UUID]) -> None:
    if turns:
        _run(STAND_ALONE, list(turns))


def fold(pairs: Sequence[tuple[int, int]]) -> None:
    """Delete items (the first of each pair), and give what stood beside them to another."""
    if pairs:
        move(pairs)
        _run(DELETE, [former for former, _ in pairs])


def delete(items: Sequence[int]) -> None:
    """Delete items that nobody has said anything of; what stood beside them stands alone."""
    if items:
        _run("DELETE FROM annotation_itemturn WHERE item_id = ANY(%s)", list(items))
        _run(DELETE, list(items))


def move(pairs: Sequence[tuple[int, int]]) -> None:
    """Let what stands beside items (the first of each pair) stand beside another."""
    _run(MOVE, [former for former, _ in pairs], [item for _, item in pairs])


def say_who_is_exact(items: Sequence[int]) -> None:
    if items:
        _run(SAY_WHO_IS_EXACT, list(items))


def _run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _as_json(rows: Sequence[dict[str, Any]]) -> str:
    return json.dumps(rows, default=str)
