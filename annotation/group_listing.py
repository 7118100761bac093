"""One page of groups, the biggest first, found by its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from accounts.models import Bot
from annotation.grouping import GROUPABLE
from annotation.grouping_anew import live_job
from annotation.models import Grouping, TurnGroup
from annotation.models.groups import TurnGroupQuerySet
from ingest.pieces import in_one_line
from jobs.models import Job

PAGE = 30
MOST_INTENTS = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What groups somebody asks for. Empty: all."""

    words: str = ""
    intent: str = ""  # what they are guessed to be, or lie nearest to
    least: int | None = None  # turns
    with_outliers: bool = False

    @property
    def is_narrow(self) -> bool:
        return self != Asked()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group stands in the list."""

    size: int
    id: int

    def __str__(self) -> str:
        return f"{self.size}~{self.id}"

    @classmethod
    def read(cls, text: str) -> Place:
        """Raise ValueError for what is none."""
        size, _, number = text.partition("~")
        place = cls(int(size), int(number))
        if not (0 <= place.size < 2**31 and 0 <= place.id < 2**63):
            raise ValueError(text)
        return place


@dataclass(frozen=True, slots=True)
class Row:
    group: TurnGroup
    texts: list[str]  # the most typical ones
    likely: str  # an intent, or empty


@dataclass
class Page:
    rows: list[Row] = field(default_factory=list)
    next_after: Place | None = None
    is_first: bool = True
    grouping: Grouping | None = None  # None: never yet
    job: Job | None = None  # that groups now
    intents: list[str] = field(default_factory=list)


def page(bot: Bot, asked: Asked, *, after: Place | None) -> Page:
    found = list(behind(wanted(bot, asked), after).select_related("near")[: PAGE + 1])
    shown = found[:PAGE]
    texts = _typical([group.pk for group in shown])
    return Page(
        rows=[Row(group, texts.get(group.pk, []), likely(group)) for group in shown],
        next_after=Place(shown[-1].size, shown[-1].pk) if len(found) > PAGE else None,
        is_first=after is None,
        grouping=Grouping.objects.filter(bot=bot).first(),
        job=live_job(bot),
        intents=_intents(bot),
    )


def likely(group: TurnGroup) -> str:
    """What the group probably is: by turns that people labelled, else by the bot's guess."""
    return group.near.name if group.near else group.guess


SAID = """EXISTS (
    SELECT FROM annotation_groupeditem member
    JOIN annotation_reviewitem item ON item.id = member.item_id
    JOIN ingest_text said ON said.id = item.text_id
    WHERE member.group_id = annotation_turngroup.id AND member.peeled_in_id IS NULL
    AND strpos(said.text, lower(%s)) > 0
)"""


def wanted(bot: Bot, asked: Asked) -> TurnGroupQuerySet:
    found = TurnGroup.objects.of(bot).biggest_first()
    if asked.intent:
        found = found.filter(Q(near__name=asked.intent) | Q(near=None, guess=asked.intent))
    if asked.least:
        found = found.filter(size__gte=asked.least)
    if asked.with_outliers:
        found = found.filter(outliers__gt=0)
    if asked.words:
        said = RawSQL(SAID, [asked.words], output_field=BooleanField())  # noqa: S611  # own words
        found = found.filter(said)
    return found


def behind(found: TurnGroupQuerySet, after: Place | None) -> TurnGroupQuerySet:
    if after is None:
        return found
    # The first condition is the index's; the second tells apart what is as big.
    found = found.filter(size__lte=after.size)
    return found.filter(Q(size__lt=after.size) | Q(pk__gt=after.id))


def next_group(bot: Bot, asked: Asked, *, after: Place | None) -> TurnGroup | None:
    """The group behind a place; the biggest, where there is none."""
    found = wanted(bot, asked)
    return behind(found, after).first() or found.first()


# From the end of each group, where the most typical ones are.
TYPICAL = f"""
SELECT each.id, turn.text FROM unnest(%s::bigint[]) AS each (id), LATERAL (
    SELECT item.turn_id, member.place FROM annotation_groupeditem member
    JOIN annotation_reviewitem item ON item.id = member.item_id AND {GROUPABLE}
    WHERE member.group_id = each.id AND member.peeled_in_id IS NULL
    ORDER BY member.place DESC LIMIT 2
) AS shown JOIN ingest_turn turn ON turn.event_id = shown.turn_id
ORDER BY each.id, shown.place DESC
"""  # noqa: S608  # own words


def _typical(groups: list[int]) -> dict[int, list[str]]:
    texts: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(TYPICAL, [groups])
        for group, text in cursor.fetchall():
            texts.setdefault(group, []).append(in_one_line(text))
    return texts


def _intents(bot: Bot) -> list[str]:
    groups = TurnGroup.objects.of(bot).filter(size__gte=TurnGroup.LEAST)
    near = groups.filter(near__isnull=False).values_list("near__name", flat=True)
    guessed = groups.filter(near=None).exclude(guess="").values_list("guess", flat=True)
    names: set[Any] = {*near.distinct()[:MOST_INTENTS], *guessed.distinct()[:MOST_INTENTS]}
    return sorted(names, key=lambda name: (name.casefold(), name))
