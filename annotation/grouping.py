"""Puts open items whose turns are alike into groups, so that people can label them together.

Left out is what has to be looked at by itself. The audit measures the bot: with labels that were
given by nearness of vectors it would favour whatever learns from the same vectors. A second
opinion is one only if it was formed alone, and what waits for a reviewer was hard for one person
already.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Bot
from annotation import neighbours
from annotation.models import GroupedItem, Grouping, TurnGroup
from annotation.queueing import Progress, Writing, silently
from ingest.embedding import encoder_of
from ingest.vector_copy import VectorCopy, open_copy
from ml import grouping
from ml.alike_pairs import centred
from ml.grouping import Known

# The most useful are grouped; comparing all with all takes seconds for so many.
MOST = 20_000
SAMPLE = 20_000  # texts that say where the middle of all lies
AGREED = 0.6  # share of a group from which on those who differ are the odd ones
# Grouped anew once so many have come, or one and so much time went by.
NEW_ONES, NEW_SHARE = 20, 0.05
AT_LATEST = timedelta(minutes=10)
STEPS = 4

GROUPABLE = """item.ended_at IS NULL AND item.lane IN ('selection', 'novelty')
    AND item.policy <> 'audit'"""
# A guess that is hidden must not be told by the group that the item stands in.
WAITING = f"""
SELECT item.id, item.text_id, CASE WHEN item.guess_hidden THEN '' ELSE item.guess END
FROM annotation_reviewitem item
JOIN ingest_text said ON said.id = item.text_id AND said.encoded_by <> ''
WHERE item.bot_id = %s AND {GROUPABLE}
ORDER BY item.priority DESC, item.id LIMIT %s
"""  # noqa: S608  # own words
NEW = f"""
SELECT count(*) FILTER (WHERE member.item_id IS NULL OR member.peeled_in_id IS NOT NULL)
FROM ({WAITING}) AS item LEFT JOIN annotation_groupeditem member ON member.item_id = item.id
"""  # noqa: S608  # own words


class Waiting(NamedTuple):
    item: int
    text: UUID
    guess: str


def is_due(bot: Bot) -> bool:
    """Whether enough has come, or was peeled off, to group the open items anew."""
    new = _count_new(bot)
    before = Grouping.objects.filter(bot=bot).first()
    if before is None:
        return new >= TurnGroup.LEAST
    if new != before.waiting:
        Grouping.objects.filter(bot=bot).update(waiting=new)
    is_old = timezone.now() - before.made_at > AT_LATEST
    return new >= max(NEW_ONES, before.items * NEW_SHARE) or (is_old and new > 0)


def _count_new(bot: Bot) -> int:
    with connection.cursor() as cursor:
        cursor.execute(NEW, [bot.pk, MOST])
        (found,) = cursor.fetchone()
    return int(found)


def group_items(
    bot: Bot, *, writing: Writing = transaction.atomic, on_progress: Progress = silently
) -> int:
    """Group the open items of `bot` anew; how many groups there are now."""
    began = timezone.now()
    on_progress(0, STEPS, "Reading vectors")
    copy = open_copy(bot, encoder_of(bot))
    waiting = _with_vectors(_waiting(bot), copy)
    around = copy.vectors[:: max(len(copy.vectors) // SAMPLE, 1)]
    vectors = centred(copy.vectors[copy_rows(waiting, copy)], around)
    on_progress(1, STEPS, f"Comparing {len(waiting):,} turns")
    found = grouping.groups_of(vectors)
    on_progress(2, STEPS, f"Looking for outliers in {len(found):,} groups")
    drafts = _drafts(found, waiting, vectors, _known(bot, copy, around))
    on_progress(3, STEPS, "Storing")
    with writing():
        _store(bot, drafts, waiting, began=began)
    on_progress(STEPS, STEPS, f"{len(drafts):,} groups")
    return len(drafts)


def _waiting(bot: Bot) -> list[Waiting]:
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [bot.pk, MOST])
        return [Waiting._make(row) for row in cursor.fetchall()]


def copy_rows(waiting: Sequence[Waiting], copy: VectorCopy) -> NDArray[np.intp]:
    """The row of each one's text; -1 for a text without a vector. Texts may come twice."""
    texts = list(dict.fromkeys(each.text for each in waiting))
    rows = dict(zip(texts, copy.rows_of(texts), strict=True))
    return np.array([rows[each.text] for each in waiting], np.intp)


def _with_vectors(waiting: Sequence[Waiting], copy: VectorCopy) -> list[Waiting]:
    rows = copy_rows(waiting, copy)
    return [each for each, row in zip(waiting, rows, strict=True) if row >= 0]


def _known(bot: Bot, copy: VectorCopy, around: NDArray[np.float16]) -> Known:
    """Where the intents lie that turns were labelled with."""
    said = [each for each in neighbours.labelled_texts(bot) if each.intent]
    rows = copy.rows_of([each.text for each in said])
    labels = np.array([each.intent for each in said], np.int64)[rows >= 0]
    return grouping.known_directions(centred(copy.vectors[rows[rows >= 0]], around), labels)


# ── outliers ──────────────────────────────────────────────────────────────────────────


class Member(NamedTuple):
    item: int
    likeness: float
    why_apart: Mapping[str, Any]


class Draft(NamedTuple):
    members: Sequence[Member]  # outliers first
    guess: str
    near: int | None


def _drafts(
    found: Sequence[NDArray[np.intp]],
    waiting: Sequence[Waiting],
    vectors: NDArray[np.float32],
    known: Known,
) -> list[Draft]:
    place = grouping.nearest_known(vectors, known)
    near = [int(known.names[each]) if each >= 0 else None for each in place]
    return [
        _draft([waiting[row] for row in rows], vectors[rows], [near[row] for row in rows])
        for rows in found
    ]


def _draft(
    waiting: Sequence[Waiting], vectors: NDArray[np.float32], near: Sequence[int | None]
) -> Draft:
    shape = grouping.shape_of(vectors)
    guess = _most_agree_on([each.guess for each in waiting])
    label = _most_agree_on(near)
    closer = np.argsort(np.argsort(-shape.likeness))
    members = []
    for place, each in enumerate(waiting):
        why: dict[str, Any] = {}
        if shape.is_far[place]:
            why["far"] = int(closer[place])
        if label and near[place] and near[place] != label:
            why["intent"] = near[place]
        if guess and each.guess and each.guess != guess:
            why["guess"] = each.guess
        members.append(Member(each.item, float(shape.likeness[place]), why))
    members.sort(key=lambda member: (-len(member.why_apart), member.likeness, member.item))
    return Draft(members, str(guess or ""), int(label) if label else None)


def _most_agree_on(said: Sequence[Any]) -> Any:
    """What is said by most of those that say something; None where they do not agree."""
    counted = Counter(each for each in said if each)
    if not counted:
        return None
    best, times = min(counted.items(), key=lambda each: (-each[1], str(each[0])))
    return best if times >= AGREED * counted.total() else None


# ── storing ───────────────────────────────────────────────────────────────────────────

PEELED_SINCE = """
SELECT member.item_id, member.peeled_in_id FROM annotation_groupeditem member
JOIN annotation_groupanswer said ON said.id = member.peeled_in_id
WHERE member.bot_id = %s AND said.created_at >= %s
"""
DELETE_PLACES = "DELETE FROM annotation_groupeditem WHERE bot_id = %s"
DELETE_GROUPS = "DELETE FROM annotation_turngroup WHERE bot_id = %s AND NOT id = ANY(%s)"
STORE = """
INSERT INTO annotation_groupeditem
    (item_id, bot_id, group_id, place, likeness, why_apart, peeled_in_id)
SELECT item, %s, "group", place, likeness, why_apart, peeled_in
FROM json_to_recordset(%s::json) AS new
    (item bigint, "group" bigint, place int, likeness float8, why_apart jsonb, peeled_in bigint)
"""


def _store(
    bot: Bot, drafts: Sequence[Draft], waiting: Sequence[Waiting], *, began: datetime
) -> None:
    """Put new groups in the place of the old ones. What was peeled off meanwhile stays so."""
    keys = _keys(bot, drafts)
    with connection.cursor() as cursor:
        cursor.execute(PEELED_SINCE, [bot.pk, began])
        peeled = dict(cursor.fetchall())
        cursor.execute(DELETE_PLACES, [bot.pk])
        cursor.execute(DELETE_GROUPS, [bot.pk, keys])
        rows = _rows(keys, drafts, waiting, peeled)
        cursor.execute(STORE, [bot.pk, json.dumps(rows)])
    recount(bot)
    Grouping.objects.update_or_create(
        bot=bot, defaults={"made_at": timezone.now(), "items": len(waiting), "waiting": 0}
    )


def _keys(bot: Bot, drafts: Sequence[Draft]) -> list[int]:
    """The number of each group: that of an old one that it has most of its items from."""
    old = dict(
        GroupedItem.objects.of(bot)
        .filter(group__isnull=False, peeled_in=None)
        .values_list("item_id", "group_id")
    )
    kept: dict[int, int] = {}
    for number, draft in enumerate(drafts):
        came = Counter(old[each.item] for each in draft.members if each.item in old)
        for group, times in came.most_common(1):
            if group is not None and 2 * times > len(draft.members):
                kept.setdefault(group, number)
    groups = [
        TurnGroup(bot=bot, size=0, outliers=0, guess=each.guess[:120], near_id=each.near)
        for each in drafts
    ]
    for group, number in kept.items():
        groups[number].pk = group
    TurnGroup.objects.bulk_update([groups[number] for number in kept.values()], ["guess", "near"])
    new = [group for group in groups if group.pk is None]
    TurnGroup.objects.bulk_create(new)
    return [group.pk for group in groups]


def _rows(
    keys: Sequence[int],
    drafts: Sequence[Draft],
    waiting: Sequence[Waiting],
    peeled: Mapping[int, int],
) -> list[dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {
        each.item: {"item": each.item, "group": None, "place": 0, "likeness": 1.0, "why_apart": {}}
        for each in waiting
    }
    for key, draft in zip(keys, drafts, strict=True):
        for place, member in enumerate(draft.members):
            rows[member.item] |= {
                "group": key,
                "place": place,
                "likeness": round(member.likeness, 4),
                "why_apart": member.why_apart,
            }
    for item, said in peeled.items():
        if item in rows:
            rows[item]["peeled_in"] = said
    return list(rows.values())


RECOUNT = f"""
UPDATE annotation_turngroup kept SET size = live.size, outliers = live.outliers
FROM (
    SELECT found.id, count(item.id) AS size,
        count(item.id) FILTER (WHERE member.why_apart <> '{{}}') AS outliers
    FROM annotation_turngroup found
    LEFT JOIN annotation_groupeditem member
        ON member.group_id = found.id AND member.peeled_in_id IS NULL
    LEFT JOIN annotation_reviewitem item ON item.id = member.item_id AND {GROUPABLE}
    WHERE found.bot_id = %(bot)s AND (%(group)s::bigint IS NULL OR found.id = %(group)s)
    GROUP BY found.id
) live
WHERE kept.id = live.id AND (kept.size, kept.outliers) IS DISTINCT FROM (live.size, live.outliers)
"""  # noqa: S608  # own words


def recount(bot: Bot, *, group: int | None = None) -> int:
    """Count what still waits in the groups of `bot`, or in one; how many counts were other."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, {"bot": bot.pk, "group": group})
        return int(cursor.rowcount)
