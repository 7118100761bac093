"""Keeps pairs of answers to the same item, and their sums, as the answers are now.

Triggers note the items of which answers came, changed or went (migration 0005). Here they are
worked off, slice by slice: the pairs of an item are made anew, and the sums change by what is
different. So it does not matter how often, or in which order, something happened to an answer.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, groupby
from typing import Any, NamedTuple

from django.db import connection, transaction

from accounts.models import Bot
from annotation.models import Annotation, ComparisonDue
from annotation.models.agreement import OUT_OF_SCOPE, UNUSABLE
from annotation.summing import Pair, sum_up
from ml.agreement import span_matches

Writing = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], object]
Spans = dict[int, list[tuple[int, int]]]  # by type

AT_ONCE = 500  # items
LOCK = 0x70616972  # with the bot's id; nothing else of ours locks such a pair

MEANINGS = {
    Annotation.Verdict.OUT_OF_SCOPE.value: OUT_OF_SCOPE,
    Annotation.Verdict.UNUSABLE.value: UNUSABLE,
}


def silently(done: int, total: int, message: str) -> None:
    """Tell nobody how far the work is."""


def compare_due(
    bot: Bot, *, writing: Writing = transaction.atomic, on_progress: Progress = silently
) -> int:
    """Compare the answers of all items that were noted; return of how many."""
    done, total = 0, ComparisonDue.objects.of(bot).count()
    while batch := _slice(bot, writing=writing):
        done += batch
        on_progress(min(done, total), total, f"{done:,} items compared")
    return done


def meaning_of(verdict: str, intent_id: int | None) -> int:
    """What an answer says, as one number."""
    return intent_id if intent_id is not None else MEANINGS[verdict]


def week_of(at: datetime) -> date:
    """The Monday of a moment's week, in UTC."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


# ── a slice ───────────────────────────────────────────────────────────────────────────

# Taken before anything is read, so what happens later is noted anew.
TAKE_DUE = """
DELETE FROM annotation_comparisondue
WHERE id IN (
    SELECT id FROM annotation_comparisondue WHERE bot_id = %s ORDER BY id LIMIT %s
)
RETURNING item_id
"""


def _slice(bot: Bot, *, writing: Writing) -> int:
    with writing(), connection.cursor() as cursor:
        # One at a time compares answers of a bot: two would add the same pair twice.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, bot.pk])
        cursor.execute(TAKE_DUE, [bot.pk, AT_ONCE])
        noted = [row[0] for row in cursor.fetchall()]
        if noted:
            _compare(bot, sorted(set(noted)))
    return len(noted)


def _compare(bot: Bot, items: list[int]) -> None:
    before, now = set(_stored(items)), set(_pairs(items))
    _forget(before - now)
    _keep(bot, now - before)
    changes = Counter(dict.fromkeys(now - before, 1))
    changes.update(dict.fromkeys(before - now, -1))
    sum_up(bot, changes)
    _know(bot, items)


# ── what people said ──────────────────────────────────────────────────────────────────


class Said(NamedTuple):
    """An answer that was given without knowing of others."""

    item: int
    key: int
    who: int
    verdict: str
    intent: int | None
    at: datetime


# Whoever decides about an item, or answers it anew, knows of the others; what they had said before
# counts. Who was unsure, or passed it by, has said nothing of what it means.
SAID = """
SELECT item_id, id, annotator_id, verdict, intent_id, created_at FROM annotation_annotation
WHERE item_id = ANY(%s) AND undone_at IS NULL AND lane NOT IN ('reviewer', 'returned')
    AND verdict IN ('intent', 'oos', 'unusable')
ORDER BY item_id, annotator_id
"""
SPANS = """
SELECT annotation_id, type_id, start, "end" FROM annotation_entityspan
WHERE annotation_id = ANY(%s)
"""


def _pairs(items: list[int]) -> Iterable[Pair]:
    with connection.cursor() as cursor:
        cursor.execute(SAID, [items])
        said = [Said._make(row) for row in cursor.fetchall()]
        cursor.execute(SPANS, [[each.key for each in said]])
        spans = _by_answer(cursor.fetchall())
    for _, answers in groupby(said, key=lambda each: each.item):
        of_item = list(answers)
        for one, other in combinations(of_item, 2):
            yield _pair(one, other, len(of_item), spans)


def _by_answer(rows: Iterable[Sequence[int]]) -> dict[int, Spans]:
    found: dict[int, Spans] = {}
    for answer, type_id, start, end in rows:
        found.setdefault(answer, {}).setdefault(type_id, []).append((start, end))
    return found


def _pair(one: Said, other: Said, answers: int, spans: dict[int, Spans]) -> Pair:
    of_one, of_other = spans.get(one.key, {}), spans.get(other.key, {})
    matches = (
        (type_id, span_matches(of_one.get(type_id, []), of_other.get(type_id, [])))
        for type_id in sorted(of_one.keys() | of_other.keys())
    )
    return Pair(
        item=one.item,
        week=week_of(max(one.at, other.at)),
        answers=answers,
        one=one.who,
        other=other.who,
        one_meaning=meaning_of(one.verdict, one.intent),
        other_meaning=meaning_of(other.verdict, other.intent),
        spans=tuple(
            (type_id, met.first, met.second, met.exact, met.overlapping) for type_id, met in matches
        ),
    )


# ── what is stored of it ──────────────────────────────────────────────────────────────

STORED = """
SELECT item_id, week, answers, one_id, other_id, one_meaning, other_meaning, spans::text
FROM annotation_comparison WHERE item_id = ANY(%s)
"""
FORGET = """
DELETE FROM annotation_comparison USING unnest(%s::bigint[], %s::bigint[], %s::bigint[])
    AS gone (item, one, other)
WHERE item_id = gone.item AND one_id = gone.one AND other_id = gone.other
"""
KEEP = """
INSERT INTO annotation_comparison
    (bot_id, item_id, week, answers, one_id, other_id, one_meaning, other_meaning, spans)
SELECT %s, * FROM unnest(%s::bigint[], %s::date[], %s::smallint[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::jsonb[])
"""


def _stored(items: list[int]) -> Iterable[Pair]:
    with connection.cursor() as cursor:
        cursor.execute(STORED, [items])
        return [Pair.of_row(row) for row in cursor.fetchall()]


def _forget(pairs: Iterable[Pair]) -> None:
    gone = [(pair.item, pair.one, pair.other) for pair in pairs]
    if gone:
        _run(FORGET, *map(list, zip(*gone, strict=True)))


def _keep(bot: Bot, pairs: Iterable[Pair]) -> None:
    new = [pair.as_row() for pair in pairs]
    if new:
        _run(KEEP, bot.pk, *map(list, zip(*new, strict=True)))


# ── what is known since ───────────────────────────────────────────────────────────────

# Where two said the same, others can be asked. What a reviewer decided of a turn stays so.
AGREED = """
SELECT item_id FROM annotation_comparison WHERE item_id = ANY(%s) AND one_meaning <> -1
GROUP BY item_id HAVING bool_and(one_meaning = other_meaning)
"""
KNOW = """
INSERT INTO annotation_knownturn (turn_id, bot_id, source, created_at)
SELECT turn_id, %s, 'agreed', statement_timestamp() FROM annotation_reviewitem
WHERE id = ANY(%s) ON CONFLICT (turn_id) DO NOTHING
"""
DOUBT = """
DELETE FROM annotation_knownturn USING annotation_reviewitem item
WHERE item.id = ANY(%s) AND annotation_knownturn.turn_id = item.turn_id AND source = 'agreed'
"""


def _know(bot: Bot, items: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(AGREED, [items])
        agreed = {row[0] for row in cursor.fetchall()}
        cursor.execute(KNOW, [bot.pk, list(agreed)])
        cursor.execute(DOUBT, [[item for item in items if item not in agreed]])


def _run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
