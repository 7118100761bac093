"""One page of the queue, found by its place so that the thousandth page is as quick."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q

from accounts.models import Bot, User
from annotation import finding
from annotation.finding import Wanted
from annotation.models import ReviewItem
from annotation.models.items import ReviewItemQuerySet
from ingest import limiting, marks
from ingest.pieces import in_one_line

PAGE = 50
MOST_COUNTED = 1000
MOST_INTENTS = 300
SECONDS = 2.0
SECONDS_TO_COUNT = 0.3
SHOWN = (
    *("id", "bot_id", "conversation_id", "lane", "priority", "kinds", "reasons", "guess"),
    *("confidence", "guess_hidden", "alike_count", "at", "held_until", "holder", "assigned_to"),
    *("turn__text", "holder__username", "holder__first_name", "holder__last_name"),
    *("policy", "assigned_to__username", "assigned_to__first_name", "assigned_to__last_name"),
)


# What policies of this room and of those above it are called.
CHOSEN = {
    "random": "Random",
    "audit": "Random",
    "signals": "Random",
    "margin_clusters": "Close call",
    "novelty_clusters": "New topic",
    "typiclust": "Typical",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in the list, most useful first."""

    priority: float
    id: int

    def __str__(self) -> str:
        return f"{self.priority!r}~{self.id}"

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that `text` names. Raise ValueError if it names none."""
        priority, _, key = text.partition("~")
        place = cls(float(priority), int(key))
        if not abs(place.priority) < 1e9 or not 0 <= place.id < 2**63:
            raise ValueError("a place that no item has")
        return place


@dataclass(frozen=True)
class Row:
    item: ReviewItem
    said: str
    signals: list[marks.Mark]

    @property
    def chosen(self) -> str:
        """A word for why it is there, where no signal says it."""
        return CHOSEN.get(self.item.policy, "Chosen")


@dataclass(frozen=True)
class LaneCount:
    lane: ReviewItem.Lane
    number: int  # one more than MOST_COUNTED for "more"

    @property
    def in_words(self) -> str:
        return in_words(self.number)


@dataclass
class Page:
    """What was read. It is filled step by step, and stays as it is when time is up."""

    is_first: bool
    rows: list[Row] = field(default_factory=list)
    next_after: Place | None = None  # None on the last
    lanes: list[LaneCount] = field(default_factory=list)
    lane: str = ""  # that is shown; empty: all
    intents: list[str] = field(default_factory=list)
    is_read: bool = False  # False: time was up before the rows were there

    @property
    def number(self) -> str:
        """How many are wanted, in words; empty if they were not counted."""
        return self._number_of(self.lane)

    @property
    def number_of_all(self) -> str:
        return self._number_of("")

    def _number_of(self, lane: str) -> str:
        numbers = [each.number for each in self.lanes if lane in ("", each.lane)]
        return in_words(*numbers) if numbers else ""


def in_words(*numbers: int) -> str:
    """Their sum; rounded down and with a plus if one of them is more than was counted."""
    total = sum(min(number, MOST_COUNTED) for number in numbers)
    if any(number > MOST_COUNTED for number in numbers):
        return f"{total - total % max(MOST_COUNTED // 10, 1):,}+"
    return f"{total:,}"


def page(bot: Bot, wanted: Wanted, *, reader: User, after: Place | None = None) -> Page:
    """The most useful items that are wanted, or those after a place."""
    read = Page(is_first=after is None, lane=wanted.lane)
    try:
        with limiting.reading_for(SECONDS):
            read.intents = _intents(bot)
            few = finding.few_of(bot, wanted) if wanted.is_narrow else None
            found = finding.items(bot, wanted, of=reader, among=few).listed()
            _put(list(_shown(found, after)[: PAGE + 1]), read)
            limiting.limit_to(SECONDS_TO_COUNT)
            read.lanes = _lanes(bot, wanted, reader, among=few)
    except limiting.TooSlow:
        pass
    return read


def _shown(found: ReviewItemQuerySet, after: Place | None) -> ReviewItemQuerySet:
    if after:
        # The first condition is the index's; the second tells apart what is as useful.
        found = found.filter(priority__lte=after.priority).filter(
            Q(priority__lt=after.priority) | Q(pk__gt=after.id)
        )
    people = ("turn", "holder", "assigned_to")
    return found.most_useful_first().select_related(*people).only(*SHOWN)


def _put(found: list[ReviewItem], read: Page) -> None:
    shown = found[:PAGE]
    if len(found) > PAGE:
        read.next_after = Place(shown[-1].priority, shown[-1].pk)
    read.rows = [
        Row(item, in_one_line(item.turn.text), marks.signals(item.kinds)) for item in shown
    ]
    read.is_read = True


# A question for each lane, by its name: a lane that holds little is looked for by it, and not by
# passing by all others.
COUNT = """
SELECT %s, count(*) FROM (
    SELECT FROM annotation_reviewitem
    WHERE annotation_reviewitem.lane = %s AND ended_at IS NULL
    AND (%s::int IS NULL OR assigned_to_id = %s) AND {fits} LIMIT %s
) counted
"""


def lanes_of(bot: Bot, wanted: Wanted, *, reader: User) -> list[LaneCount]:
    """How many wait in each lane. It may take as long as a count on the queue's page."""
    with limiting.reading_for(SECONDS_TO_COUNT):
        return _lanes(bot, wanted, reader, among=None)


def _lanes(bot: Bot, wanted: Wanted, reader: User, *, among: list[int] | None) -> list[LaneCount]:
    """How many there are in each lane, of all that is wanted but a lane."""
    fits = finding.conditions(bot, finding.without_lane(wanted), among=among)
    whose = reader.pk if wanted.assigned else None
    values = [
        value
        for lane in ReviewItem.Lane
        for value in (str(lane), str(lane), whose, whose, *fits.values, MOST_COUNTED + 1)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([COUNT.format(fits=fits)] * len(ReviewItem.Lane)), values)
        counted = dict(cursor.fetchall())
    return [LaneCount(lane, counted[lane]) for lane in ReviewItem.Lane]


# From each name the index leads to the next, however many items have it.
INTENTS = """
WITH RECURSIVE named AS (
    (SELECT guess FROM annotation_reviewitem
     WHERE bot_id = %(bot)s AND status = 'open' ORDER BY guess LIMIT 1)
    UNION ALL
    SELECT (
        SELECT guess FROM annotation_reviewitem
        WHERE bot_id = %(bot)s AND status = 'open' AND guess > named.guess ORDER BY guess LIMIT 1
    ) FROM named WHERE named.guess IS NOT NULL
)
SELECT guess FROM named WHERE guess <> '' LIMIT %(most)s
"""


def _intents(bot: Bot) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(INTENTS, {"bot": bot.pk, "most": MOST_INTENTS})
        names = [row[0] for row in cursor.fetchall()]
    return sorted(names, key=lambda name: (name.casefold(), name))
