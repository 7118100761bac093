"""What the pages of datasets show."""

from dataclasses import dataclass
from uuid import UUID

from django.db import models

from accounts.models import Bot
from ingest.pieces import in_one_line
from jobs.models import Job
from training.choosing import run
from training.jobs import FREEZE
from training.models import DatasetIntent, Fate

PAGE = 50


class Shown(models.TextChoices):
    """Which rows of an intent a page shows."""

    TRAIN = "train", "Trained on"
    AUDIT = "audit", "Audit"
    LEFT_OUT = "left_out", "Left out"


CONDITIONS = {
    Shown.TRAIN: f"kept.fate = {Fate.KEPT} AND kept.side = 'train'",
    Shown.AUDIT: f"kept.fate = {Fate.KEPT} AND kept.side = 'audit'",
    Shown.LEFT_OUT: f"kept.fate <> {Fate.KEPT}",
}
ROWS = """
SELECT kept.place, turn.text, turn.conversation_id, kept.side, kept.fate, kept.clashes,
    gold.policy, gold.chance, kept.opinions IS NOT NULL
FROM training_datasetrow kept
JOIN ingest_turn turn ON turn.event_id = kept.turn_id
JOIN annotation_goldlabel gold ON gold.id = kept.gold_label_id
WHERE kept.version_id = %(version)s AND kept.place > %(after)s AND kept.place <= %(last)s
    AND {condition}
ORDER BY kept.place LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Row:
    place: int
    text: str
    conversation: UUID
    side: str
    fate: int
    clashes: bool
    policy: str
    chance: float | None
    has_opinions: bool

    @property
    def reason(self) -> str:
        return "" if self.fate == Fate.KEPT else Fate(self.fate).label


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    later_after: int | None
    is_first: bool


def rows_page(called: DatasetIntent, *, shown: Shown, after: int) -> Page:
    """A page of an intent's rows, in the order of their places."""
    values = {
        "version": called.version_id,
        "after": max(after, called.first_row - 1),
        "last": called.last_row,
        "most": PAGE + 1,
    }
    found = [
        Row(place, in_one_line(text), *rest)
        for place, text, *rest in run(ROWS.format(condition=CONDITIONS[shown]), values)
    ]
    more = len(found) > PAGE
    return Page(found[:PAGE], found[PAGE - 1].place if more else None, is_first=after == 0)


SOURCES = f"""
SELECT count(DISTINCT COALESCE(event."user", event.conversation_id))
FROM training_datasetrow kept JOIN ingest_incomingevent event ON event.id = kept.turn_id
WHERE kept.version_id = %s AND kept.place BETWEEN %s AND %s AND kept.fate = {Fate.QUARANTINED}
"""  # noqa: S608  numbers of ours


def sources_held_back(called: DatasetIntent) -> int:
    """How many end users, or conversations where none is named, the held back rows are of."""
    if called.expected is None:
        return 0
    ((number,),) = run(SOURCES, [called.version_id, called.first_row, called.last_row])
    return int(number)


def newest_freezing(bot: Bot) -> Job | None:
    """The job that was asked for last."""
    return Job.objects.of(bot).filter(kind=FREEZE).newest_first().first()
