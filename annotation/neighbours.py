"""The labelled texts that are most alike to an item's, found beforehand so that pages only read.

Kept as keys: a text that is erased is gone here too, and an intent has the name it has by now.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Bot
from annotation.models import ReviewItem
from annotation.queueing import Progress, Writing, silently
from ingest.embedding import encoder_of
from ingest.vector_copy import VectorCopy, open_copy
from ml.neighbours import nearest

MOST = 3
OF_EACH_LANE = 200  # the most useful: what people see next
AT_ONCE = 100  # items whose rows are written together

# The audit only measures: what is known of it helps nobody to label.
NEWEST = """
SELECT id FROM annotation_goldlabel
WHERE bot_id = %s AND side = 'train' AND withdrawn_at IS NULL ORDER BY id DESC LIMIT 1
"""
STALE = """
SELECT waits.id, waits.text_id FROM unnest(%s::varchar[]) AS each (lane), LATERAL (
    SELECT id, text_id, neighbours_of FROM annotation_reviewitem item
    WHERE item.bot_id = %s AND item.lane = each.lane AND item.ended_at IS NULL
    ORDER BY priority DESC, id LIMIT %s
) waits
WHERE neighbours_of < %s AND text_id IS NOT NULL
"""
LABELLED = """
SELECT DISTINCT ON (text_id) text_id, verdict, intent_id FROM annotation_goldlabel
WHERE bot_id = %s AND side = 'train' AND withdrawn_at IS NULL AND text_id IS NOT NULL
    AND verdict <> 'unusable'
ORDER BY text_id, id DESC
"""
# One that is being answered or changed keeps what it has until the next time.
STORE = """
WITH new AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s::json) AS new (id bigint, neighbours jsonb)
), held AS MATERIALIZED (
    SELECT item.id FROM annotation_reviewitem item JOIN new ON new.id = item.id
    FOR NO KEY UPDATE OF item SKIP LOCKED
)
UPDATE annotation_reviewitem item SET neighbours = new.neighbours, neighbours_of = %s
FROM new JOIN held ON held.id = new.id
WHERE item.id = new.id
"""


class Labelled(NamedTuple):
    text: UUID
    verdict: str
    intent: int | None


class Waiting(NamedTuple):
    item: int
    text: UUID


def are_stale(bot: Bot) -> bool:
    """Whether something was labelled since the neighbours of what people see next were found."""
    newest = _newest(bot)
    return bool(newest and _stale(bot, newest))


def find_neighbours(
    bot: Bot, *, writing: Writing = transaction.atomic, on_progress: Progress = silently
) -> int:
    """Find the neighbours of the most useful items again; of how many."""
    newest = _newest(bot)
    waiting = _stale(bot, newest) if newest else []
    if not waiting:
        return 0
    copy = open_copy(bot, encoder_of(bot))
    rows = _found(waiting, labelled_texts(bot), copy)
    for start in range(0, len(rows), AT_ONCE):
        with writing(), connection.cursor() as cursor:
            cursor.execute(STORE, [json.dumps(rows[start : start + AT_ONCE], default=str), newest])
        on_progress(start, len(rows), f"{len(rows):,} items looked at")
    return len(rows)


def _newest(bot: Bot) -> int:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [bot.pk])
        row = cursor.fetchone()
    return row[0] if row else 0


def _stale(bot: Bot, newest: int) -> list[Waiting]:
    with connection.cursor() as cursor:
        lanes = [str(lane) for lane in ReviewItem.Lane]
        cursor.execute(STALE, [lanes, bot.pk, OF_EACH_LANE, newest])
        return [Waiting._make(row) for row in cursor.fetchall()]


def labelled_texts(bot: Bot) -> list[Labelled]:
    with connection.cursor() as cursor:
        cursor.execute(LABELLED, [bot.pk])
        return [Labelled._make(row) for row in cursor.fetchall()]


def _found(
    waiting: Sequence[Waiting], labelled: Sequence[Labelled], copy: VectorCopy
) -> list[dict[str, Any]]:
    """The neighbours of each item whose text has a vector by now."""
    texts = list(dict.fromkeys(each.text for each in waiting))
    asked = dict(zip(texts, copy.rows_of(texts), strict=True))
    known = copy.rows_of([each.text for each in labelled])
    among = [each for each, row in zip(labelled, known, strict=True) if row >= 0]
    items = [each for each in waiting if asked[each.text] >= 0]
    places, _ = nearest(
        copy.vectors[[asked[each.text] for each in items]],
        copy.vectors[known[known >= 0]],
        n=MOST,
    )
    return [
        {"id": each.item, "neighbours": [among[place]._asdict() for place in best]}
        for each, best in zip(items, places, strict=True)
    ]
