"""What the page of one group shows: its turns, outliers first, each with why it may not belong."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection

from accounts.models import Bot, User
from annotation.answering_together import Shown
from annotation.cards import Choice, choices_of, intents_named
from annotation.group_listing import likely
from annotation.grouping import GROUPABLE
from annotation.models import Intent, TurnGroup

PAGE = 50
MOST_SHOWN = 200
MOST_ALIKE = 3  # other wordings shown of one item


@dataclass(frozen=True, slots=True)
class Row:
    item: int
    turn: UUID
    conversation: UUID
    text: str
    why: list[str]  # sentences; none for what seems to belong
    alike_count: int
    alike: list[str]  # in which other words
    all_alike_shown: bool

    @property
    def shown(self) -> Shown:
        return Shown(self.item, self.turn, self.alike_count if self.all_alike_shown else 0)


@dataclass(frozen=True, slots=True)
class GroupCard:
    group: TurnGroup
    submission: UUID
    rows: list[Row]
    total: int  # that they can answer
    elsewhere: int  # with others, or answered or skipped by them
    choices: list[Choice]
    likely: str
    guess_shown: bool

    @property
    def left(self) -> int:
        """How many can be shown yet."""
        return max(min(self.total, MOST_SHOWN) - len(self.rows), 0)

    @property
    def coming(self) -> int:
        return min(self.left, PAGE)

    @property
    def apart(self) -> int:
        return sum(1 for row in self.rows if row.why)


class Member(NamedTuple):
    item: int
    turn: UUID
    conversation: UUID
    text: str
    why_apart: Mapping[str, Any]
    guess: str
    alike_count: int


FITS = """(item.holder_id IS NULL OR item.holder_id = %(user)s)
    AND (item.assigned_to_id IS NULL OR item.assigned_to_id = %(user)s)
    AND NOT %(user)s = ANY(item.not_for)"""
MEMBERS = f"""
SELECT item.id, item.turn_id, item.conversation_id, turn.text, member.why_apart,
    CASE WHEN item.guess_hidden THEN '' ELSE item.guess END, item.alike_count
FROM annotation_groupeditem member
JOIN annotation_reviewitem item ON item.id = member.item_id AND {GROUPABLE}
JOIN ingest_turn turn ON turn.event_id = item.turn_id
WHERE member.group_id = %(group)s AND member.peeled_in_id IS NULL AND {FITS}
ORDER BY NOT item.id = ANY(%(before)s), member.place LIMIT %(most)s
"""  # noqa: S608  # own words
COUNT = f"""
SELECT count(*) FILTER (WHERE {FITS}), count(*)
FROM annotation_groupeditem member
JOIN annotation_reviewitem item ON item.id = member.item_id AND {GROUPABLE}
WHERE member.group_id = %(group)s AND member.peeled_in_id IS NULL
"""  # noqa: S608  # own words


def group_card(
    group: TurnGroup, user: User, *, bot: Bot, before: Collection[int] = (), more: int | None = None
) -> GroupCard:
    """Read the first turns of a group: those that were shown `before`, and `more` (PAGE) others."""
    most = len(before) + (PAGE if more is None else more)
    values: dict[str, Any] = {"group": group.pk, "user": user.pk, "before": list(before)}
    with connection.cursor() as cursor:
        cursor.execute(MEMBERS, {**values, "most": min(most, MOST_SHOWN)})
        members = [_member(row) for row in cursor.fetchall()]
        cursor.execute(COUNT, values)
        total, waiting = cursor.fetchone()
    return GroupCard(
        group=group,
        submission=uuid4(),
        rows=_rows(members, group, bot),
        total=total,
        elsewhere=waiting - total,
        choices=_choices(group, members, bot),
        likely=likely(group),
        guess_shown=bool(group.guess),
    )


def _member(row: Sequence[Any]) -> Member:
    """Django has jsonb come as text, for its own fields to read."""
    item, turn, talk, text, why, guess, alike_count = row
    return Member(item, turn, talk, text, json.loads(why), guess, alike_count)


def _choices(group: TurnGroup, members: Iterable[Member], bot: Bot) -> list[Choice]:
    """What the group is near to, what it is guessed to be, and what its outliers may be."""
    near = [group.near_id, *(each.why_apart.get("intent") for each in members)]
    near_ids = list(dict.fromkeys(each for each in near if each))
    named = [{"intent": group.guess}] if group.guess and not group.near_id else []
    known = intents_named(bot, names=[each["intent"] for each in named], ids=near_ids)
    return choices_of(named, [{"intent": each} for each in near_ids], known)


# ── why something may not belong ──────────────────────────────────────────────────────


def _rows(members: Sequence[Member], group: TurnGroup, bot: Bot) -> list[Row]:
    ids = {each.why_apart["intent"] for each in members if each.why_apart.get("intent")}
    names = dict(Intent.objects.of(bot).filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    alike = _alike([each.item for each in members if each.alike_count])
    return [_row(each, group, names, alike[each.item]) for each in members]


def _row(member: Member, group: TurnGroup, names: Mapping[int, str], alike: list[str]) -> Row:
    return Row(
        item=member.item,
        turn=member.turn,
        conversation=member.conversation,
        text=member.text,
        why=_why(member, group, names),
        alike_count=member.alike_count,
        alike=alike[:MOST_ALIKE],
        all_alike_shown=len(alike) <= MOST_ALIKE,
    )


def _why(member: Member, group: TurnGroup, names: Mapping[int, str]) -> list[str]:
    why, sentences = member.why_apart, []
    if name := names.get(why.get("intent", 0)):
        most = f", most here to {group.near.name}" if group.near else ""
        sentences.append(f"Nearer to turns labelled {name}{most}.")
    # A later version may guess something else.
    if why.get("guess") and member.guess == why["guess"]:
        most = f"; of most here, {group.guess}" if group.guess else ""
        sentences.append(f"The bot guesses {member.guess}{most}.")
    if why.get("far"):
        sentences.append(f"Farther from the middle than {why['far']:,} others of the group.")
    return sentences


# One more than is shown, to know whether that was all.
ALIKE = """
SELECT each.id, said.text FROM unnest(%s::bigint[]) AS each (id), LATERAL (
    SELECT DISTINCT turn.text FROM annotation_itemturn beside
    JOIN ingest_turn turn ON turn.event_id = beside.turn_id
    WHERE beside.item_id = each.id AND NOT beside.exact ORDER BY turn.text LIMIT %s
) said
"""


def _alike(items: list[int]) -> defaultdict[int, list[str]]:
    texts: defaultdict[int, list[str]] = defaultdict(list)
    if items:
        with connection.cursor() as cursor:
            cursor.execute(ALIKE, [items, MOST_ALIKE + 1])
            for item, text in cursor.fetchall():
                texts[item].append(text)
    return texts
