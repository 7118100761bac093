"""Which items somebody asks for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import Bot, User
from annotation.models import ReviewItem
from annotation.models.items import ReviewItemQuerySet
from ingest.searching import BEGINNINGS

# So many are put in order by themselves. Of a kind that more have, the most useful are soon met.
FEW = 2000
FEW_TURNS = 20_000  # of some days, waiting or not


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for. Empty: any item."""

    lane: str = ""
    kind: str = ""  # of signal
    intent: str = ""  # the best guess
    words: str = ""
    confidence_below: float | None = None
    first_day: date | None = None  # in UTC, both days included
    last_day: date | None = None
    assigned: bool = False  # only what is assigned to the one who asks

    @property
    def is_narrow(self) -> bool:
        return self != Wanted()


def without_lane(wanted: Wanted) -> Wanted:
    return replace(wanted, lane="")


class Conditions:
    """What an open item must be, as a WHERE and its values: the same for a page and for a hold.

    The statement that holds an item is written by hand, so what it shares with pages is as well.
    """

    def __init__(self, bot: Bot) -> None:
        self._parts = ["annotation_reviewitem.status = 'open'"]
        self.values: list[Any] = []
        self.add("annotation_reviewitem.bot_id = %s", bot.pk)

    def add(self, part: str, *values: Any) -> None:
        self._parts.append(part)
        self.values += values

    def __str__(self) -> str:
        return " AND ".join(self._parts)


SAID = f"""EXISTS (
    SELECT FROM ingest_searchentry said
    WHERE said.conversation_id = annotation_reviewitem.conversation_id AND said.words @@
        {BEGINNINGS}
)"""
TEXT_PARTS = {
    "lane": "annotation_reviewitem.lane = %s",
    "kind": "annotation_reviewitem.kinds @> ARRAY[%s]::varchar[]",
    "intent": "annotation_reviewitem.guess = %s",
    "words": SAID,
}


def conditions(bot: Bot, wanted: Wanted, *, among: list[int] | None = None) -> Conditions:
    """What is `wanted` of open items, whoever holds them; `among` the few that can be."""
    found = Conditions(bot)
    for name, part in TEXT_PARTS.items():
        if value := getattr(wanted, name):
            found.add(part, value)
    if wanted.confidence_below is not None:
        found.add("annotation_reviewitem.confidence < %s", wanted.confidence_below)
    if wanted.first_day:
        found.add("annotation_reviewitem.at >= %s", _midnight(wanted.first_day))
    if wanted.last_day:
        found.add("annotation_reviewitem.at < %s", _midnight(wanted.last_day + timedelta(days=1)))
    if among is not None:
        found.add("annotation_reviewitem.id = ANY(%s)", among)
    return found


def items(
    bot: Bot, wanted: Wanted, *, of: User | None = None, among: list[int] | None = None
) -> ReviewItemQuerySet:
    """Open items that are wanted. `of` is whose assigned ones are meant, where these are."""
    asked = conditions(bot, wanted, among=among)
    found = ReviewItem.objects.filter(
        RawSQL(str(asked), asked.values, output_field=BooleanField())  # noqa: S611  # own words
    )
    return found.filter(assigned_to=of) if wanted.assigned and of else found


def few_of(bot: Bot, wanted: Wanted) -> list[int] | None:
    """Among which the wanted ones are, in no order; None if these are more than a few.

    Asked for apart, as in ingest.finding: the database guesses badly how rare a word, a signal
    or an intent is, and would look for three items in a million from the most useful on.
    """
    if wanted.words and (found := _few_of_words(bot, wanted.words)) is not None:
        return found
    open_items = ReviewItem.objects.of(bot).open()
    for rows in _narrowed(open_items, wanted):
        if (found := _at_most_few(rows)) is not None:
            return found
    return _few_of_days(bot, wanted) if wanted.first_day or wanted.last_day else None


# Conversations and turns are found by indexes that are there for other pages; one of these on items
# too would have to be written by every hold. COALESCE: none are few as well.
OF_WORDS = f"""
WITH said AS MATERIALIZED (
    SELECT conversation_id FROM ingest_searchentry WHERE bot_id = %s AND words @@
        {BEGINNINGS}
    LIMIT %s
)
SELECT (SELECT count(*) FROM said), COALESCE(array_agg(item.id), '{{}}')
FROM said JOIN ingest_turn turn ON turn.conversation_id = said.conversation_id
JOIN annotation_reviewitem item ON item.turn_id = turn.event_id AND item.status = 'open'
"""  # noqa: S608  every word is our own
OF_DAYS = """
WITH said AS MATERIALIZED (
    SELECT event_id FROM ingest_turn WHERE bot_id = %s
    AND at >= COALESCE(%s, '-infinity'::timestamptz) AND at < COALESCE(%s, 'infinity'::timestamptz)
    LIMIT %s
)
SELECT (SELECT count(*) FROM said), COALESCE(array_agg(item.id), '{}')
FROM said JOIN annotation_reviewitem item ON item.turn_id = event_id AND item.status = 'open'
"""


def _few_of_words(bot: Bot, words: str) -> list[int] | None:
    return _few_said(OF_WORDS, bot.pk, words, most=FEW)


def _few_of_days(bot: Bot, wanted: Wanted) -> list[int] | None:
    start = _midnight(wanted.first_day) if wanted.first_day else None
    end = _midnight(wanted.last_day + timedelta(days=1)) if wanted.last_day else None
    return _few_said(OF_DAYS, bot.pk, start, end, most=FEW_TURNS)


def _few_said(statement: str, *values: Any, most: int) -> list[int] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, most + 1])
        looked_at, found = cursor.fetchone()
    return found if looked_at <= most and len(found) <= FEW else None


def _narrowed(rows: ReviewItemQuerySet, wanted: Wanted) -> Collection[ReviewItemQuerySet]:
    asked = []
    if wanted.intent:
        asked.append(rows.filter(guess=wanted.intent))
    if wanted.kind:
        asked.append(rows.filter(kinds__contains=[wanted.kind]))
    return asked


def _at_most_few(rows: QuerySet[Any]) -> list[int] | None:
    found = list(rows.values_list("pk", flat=True)[: FEW + 1])
    return found if len(found) <= FEW else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
