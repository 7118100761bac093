"""The sums of comparisons by week, from which pages read how far people agree."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Self

from django.db import connection

from accounts.models import Bot


class Pair(NamedTuple):
    """What two people said of one item, as a row of Comparison."""

    item: int
    week: date
    answers: int
    one: int
    other: int
    one_meaning: int
    other_meaning: int
    spans: tuple[tuple[int, int, int, int, int], ...]  # type, of one, of other, exact, overlapping

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> Self:
        pair = cls._make(row)
        return pair._replace(spans=tuple(tuple(each) for each in json.loads(row[-1])))

    def as_row(self) -> tuple[Any, ...]:
        return (*self[:-1], json.dumps(self.spans))


Sums = dict[tuple[Any, ...], Counter[str]]


def sum_up(bot: Bot, changes: Mapping[Pair, int]) -> None:
    """Add each pair so many times to the sums; -1 takes it away."""
    people, disputes, spans = _sums(changes)
    _add(bot, PEOPLE, people, ("mine", "others", "both"))
    _add(bot, DISPUTES, disputes, ("pairs",))
    _add(bot, SPANS, spans, ("pairs", "mine", "others", "exact", "overlapping"))


def _sums(changes: Mapping[Pair, int]) -> tuple[Sums, Sums, Sums]:
    people: Sums = {}
    disputes: Sums = {}
    spans: Sums = {}
    for pair, times in changes.items():
        for side in _sides(pair):
            _count_meanings(people, side, times)
            _count_spans(spans, side, times)
        if pair.one_meaning != pair.other_meaning:
            low, high = sorted((pair.one_meaning, pair.other_meaning))
            disputes.setdefault((pair.week, low, high), Counter())["pairs"] += times
    return people, disputes, spans


def _sides(pair: Pair) -> tuple[Pair, Pair]:
    """The pair as each of the two sees it."""
    turned = pair._replace(
        one=pair.other,
        other=pair.one,
        one_meaning=pair.other_meaning,
        other_meaning=pair.one_meaning,
        spans=tuple((kind, b, a, exact, near) for kind, a, b, exact, near in pair.spans),
    )
    return pair, turned


def _count_meanings(people: Sums, side: Pair, times: int) -> None:
    def counts(meaning: int) -> Counter[str]:
        key = (side.week, side.one, meaning, side.answers)
        return people.setdefault(key, Counter())

    counts(side.one_meaning)["mine"] += times
    counts(side.other_meaning)["others"] += times
    if side.one_meaning == side.other_meaning:
        counts(side.one_meaning)["both"] += times


def _count_spans(spans: Sums, side: Pair, times: int) -> None:
    for kind, mine, others, exact, overlapping in side.spans:
        counts = spans.setdefault((side.week, side.one, kind), Counter())
        counts["pairs"] += times
        counts["mine"] += times * mine
        counts["others"] += times * others
        counts["exact"] += times * exact
        counts["overlapping"] += times * overlapping


# ── writing ───────────────────────────────────────────────────────────────────────────

PEOPLE = (
    """
    INSERT INTO annotation_personcount AS stood
        (bot_id, week, person_id, meaning, answers, mine, others, "both")
    SELECT %s, * FROM unnest(%s::date[], %s::bigint[], %s::bigint[], %s::smallint[],
        %s::int[], %s::int[], %s::int[])
    ON CONFLICT (bot_id, week, person_id, meaning, answers) DO UPDATE SET
        mine = stood.mine + excluded.mine, others = stood.others + excluded.others,
        "both" = stood."both" + excluded."both"
    """,
    """
    DELETE FROM annotation_personcount WHERE bot_id = %s AND mine = 0 AND others = 0
        AND (week, person_id, meaning, answers) IN (
            SELECT * FROM unnest(%s::date[], %s::bigint[], %s::bigint[], %s::smallint[])
        )
    """,
)
DISPUTES = (
    """
    INSERT INTO annotation_disputecount AS stood (bot_id, week, low, high, pairs)
    SELECT %s, * FROM unnest(%s::date[], %s::bigint[], %s::bigint[], %s::int[])
    ON CONFLICT (bot_id, week, low, high) DO UPDATE SET pairs = stood.pairs + excluded.pairs
    """,
    """
    DELETE FROM annotation_disputecount WHERE bot_id = %s AND pairs = 0
        AND (week, low, high) IN (SELECT * FROM unnest(%s::date[], %s::bigint[], %s::bigint[]))
    """,
)
SPANS = (
    """
    INSERT INTO annotation_spancount AS stood
        (bot_id, week, person_id, type_id, pairs, mine, others, exact, overlapping)
    SELECT %s, * FROM unnest(%s::date[], %s::bigint[], %s::bigint[],
        %s::int[], %s::int[], %s::int[], %s::int[], %s::int[])
    ON CONFLICT (bot_id, week, person_id, type_id) DO UPDATE SET
        pairs = stood.pairs + excluded.pairs, mine = stood.mine + excluded.mine,
        others = stood.others + excluded.others, exact = stood.exact + excluded.exact,
        overlapping = stood.overlapping + excluded.overlapping
    """,
    """
    DELETE FROM annotation_spancount WHERE bot_id = %s AND pairs = 0
        AND (week, person_id, type_id) IN (
            SELECT * FROM unnest(%s::date[], %s::bigint[], %s::bigint[])
        )
    """,
)


def _add(bot: Bot, statements: tuple[str, str], sums: Sums, names: Iterable[str]) -> None:
    """Add to the rows of these keys, and delete those of which nothing is left."""
    changed = {key: counts for key, counts in sorted(sums.items()) if any(counts.values())}
    if not changed:
        return
    keys = [list(column) for column in zip(*changed, strict=True)]
    counts = [[each[name] for each in changed.values()] for name in names]
    add, forget = statements
    with connection.cursor() as cursor:
        cursor.execute(add, [bot.pk, *keys, *counts])
        # It looks at all rows of the bot, and mostly there is nothing to forget.
        if any(count < 0 for column in counts for count in column):
            cursor.execute(forget, [bot.pk, *keys])
