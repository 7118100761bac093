"""What the first page says of a bot: the loop, from what came in to what answers now.

Nothing is counted further than a page can use, so that a million rows cost what a thousand do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.models import Bot, User
from annotation.finding import Wanted
from annotation.models import Annotation, Intent, ReviewItem
from annotation.queue_listing import LaneCount, in_words, lanes_of
from ingest.limiting import TooSlow
from ingest.models import Conversation, Turn
from training import deploying
from training.charts import Chart
from training.curves import Series, over_labels
from training.models import Deployment, ModelVersion

LATELY = timedelta(days=7)
MOST_COUNTED = 1000
MOST_VERSIONS = 60  # of the chart


@dataclass(frozen=True)
class Heard:
    """What came in since a day; numbers up to MOST_COUNTED + 1."""

    since: datetime
    turns: int
    conversations: int
    flagged: int


@dataclass(frozen=True)
class Labelled:
    """What people do about it. `waiting` has the lanes that are not empty; None: not counted."""

    waiting: list[LaneCount] | None
    today: int

    @property
    def number(self) -> str:
        return in_words(*(lane.number for lane in self.waiting or []))


@dataclass(frozen=True)
class Learned:
    """What was made of it."""

    newest: ModelVersion | None
    live: Deployment | None
    chart: Chart | None

    @property
    def versions(self) -> int:
        """They are numbered from 1, and none is ever deleted."""
        return self.newest.number if self.newest else 0


@dataclass(frozen=True)
class Steps:
    """How far a bot is from its first label: what is done of the three steps."""

    has_turns: bool
    has_intents: bool
    has_items: bool


def heard(bot: Bot, *, now: datetime) -> Heard:
    since = now - LATELY
    lately = Conversation.objects.of(bot).filter(started_at__gte=since)
    return Heard(
        since,
        turns=_counted(Turn.objects.filter(bot=bot, at__gte=since).order_by("-at")),
        conversations=_counted(lately.newest_first()),
        flagged=_counted(lately.exclude(signals=[]).newest_first()),
    )


def labelled(bot: Bot, *, reader: User, today: datetime) -> Labelled:
    said = Annotation.objects.filter(bot=bot, created_at__gte=today, undone_at=None)
    today_counted = _counted(said.order_by("-created_at"))
    try:
        lanes = lanes_of(bot, Wanted(), reader=reader)
    except TooSlow:
        return Labelled(None, today_counted)
    return Labelled([lane for lane in lanes if lane.number], today_counted)


def learned(bot: Bot) -> Learned:
    versions = ModelVersion.objects.of(bot).select_related("run__dataset")
    newest_first = list(versions.newest_first()[:MOST_VERSIONS])
    newest = newest_first[0] if newest_first else None
    return Learned(newest, deploying.live(bot), _chart(newest_first[::-1]))


def steps(bot: Bot) -> Steps | None:
    """None once somebody labelled something."""
    if Annotation.objects.filter(bot=bot).exists():
        return None
    return Steps(
        has_turns=Turn.objects.filter(bot=bot).exists(),
        has_intents=Intent.objects.of(bot).in_use().exists(),
        has_items=ReviewItem.objects.of(bot).open().exists(),
    )


def _counted(rows: QuerySet[Any]) -> int:
    return rows[: MOST_COUNTED + 1].count()


def _chart(versions: list[ModelVersion]) -> Chart | None:
    """Oldest first. What is drawn at random comes first: it is the one that can be believed."""
    labels = [(version, version.run.dataset) for version in versions]
    audit, held_out = (
        [
            (dataset.train_count + dataset.audit_count, getattr(version, of).get("accuracy"))
            for version, dataset in labels
            if dataset
        ]
        for of in ("audit", "held_out")
    )
    return over_labels(
        [
            Series("candidate", "On the audit", audit),
            Series("live", "On held-out turns, chosen because they are hard", held_out),
        ],
        key="growth",
        title="Accuracy by labels",
        says="How often each model version was right, by how many labels its dataset had.",
    )
