"""What changed between two versions of a bot."""

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db import models

from ingest import limiting
from ingest.pieces import in_one_line
from training.choosing import run
from training.models import DatasetVersion, Fate

PAGE = 50
SECONDS = 10.0  # two versions of a million rows take three


class Change(models.TextChoices):
    ADDED = "added", "Added"
    REMOVED = "removed", "Removed"
    RELABELLED = "relabelled", "Relabelled"
    MOVED = "moved", "Moved between sides"


CONDITIONS = {
    Change.ADDED: f"newer.fate = {Fate.KEPT} AND older.fate IS DISTINCT FROM {Fate.KEPT}",
    Change.REMOVED: f"older.fate = {Fate.KEPT} AND newer.fate IS DISTINCT FROM {Fate.KEPT}",
    Change.RELABELLED: f"older.fate = {Fate.KEPT} AND newer.fate = {Fate.KEPT} "
    "AND (was.verdict, was.intent_id) IS DISTINCT FROM (now.verdict, now.intent_id)",
    Change.MOVED: f"older.fate = {Fate.KEPT} AND newer.fate = {Fate.KEPT} "
    "AND older.side <> newer.side",
}
PAIRS = """
FROM (
    SELECT turn_id, place, side, fate, dataset_intent_id FROM training_datasetrow
    WHERE version_id = %(older)s
) older
FULL JOIN (
    SELECT turn_id, place, side, fate, dataset_intent_id FROM training_datasetrow
    WHERE version_id = %(newer)s
) newer USING (turn_id)
LEFT JOIN training_datasetintent was ON was.id = older.dataset_intent_id
LEFT JOIN training_datasetintent now ON now.id = newer.dataset_intent_id
"""
COUNT = "SELECT " + ", ".join(f"count(*) FILTER (WHERE {it})" for it in CONDITIONS.values())
LIST = """
SELECT {side}.place, turn.text, turn.conversation_id,
    older.side, older.fate, was.verdict, was.name, newer.side, newer.fate, now.verdict, now.name
{pairs}
JOIN ingest_turn turn ON turn.event_id = turn_id
WHERE {condition} AND {side}.place > %(after)s
ORDER BY {side}.place LIMIT %(most)s
"""


# The same intent by another name. At most as many as a person reads.
MOST_RENAMED = 100
RENAMED = f"""
SELECT was.name, now.name
FROM training_datasetintent was
JOIN training_datasetintent now ON now.intent_id = was.intent_id AND now.version_id = %(newer)s
WHERE was.version_id = %(older)s AND was.name <> now.name
ORDER BY now.name LIMIT {MOST_RENAMED}
"""  # noqa: S608  a number of ours


class Standing(NamedTuple):
    """What one version makes of a turn. All are None where it does not know it."""

    side: str | None
    fate: int | None
    verdict: str | None
    name: str | None

    @property
    def label(self) -> str:
        return self.name or ("Out of scope" if self.verdict == "oos" else "Not usable")

    @property
    def is_kept(self) -> bool:
        return self.fate == Fate.KEPT

    @property
    def reason(self) -> str:
        """Why it is not in the version."""
        return "No label" if self.fate is None else Fate(self.fate).label


@dataclass(frozen=True, slots=True)
class Row:
    place: int
    text: str
    conversation: UUID
    was: Standing
    now: Standing


@dataclass(frozen=True, slots=True)
class Renamed:
    """An intent that has another name in the newer version."""

    was: str
    now: str


@dataclass(frozen=True)
class Page:
    counted: list[tuple[Change, int]]
    rows: list[Row]
    later_after: int | None
    is_first: bool
    is_read: bool = True
    renamed: list[Renamed] = field(default_factory=list)


def page(older: DatasetVersion, newer: DatasetVersion, *, change: Change, after: int) -> Page:
    """A page of one kind of change, and how many there are of each."""
    try:
        with limiting.reading_for(SECONDS):
            return _read(older, newer, change=change, after=after)
    except limiting.TooSlow:
        return Page([], [], None, is_first=after == 0, is_read=False)


def _read(older: DatasetVersion, newer: DatasetVersion, *, change: Change, after: int) -> Page:
    values = {"older": older.pk, "newer": newer.pk}
    (counted,) = run(COUNT + PAIRS, values)
    counts = dict(zip(CONDITIONS, counted, strict=True))
    rows = _rows(change, after=after, values=values) if counts[change] else []
    more = len(rows) > PAGE
    shown = rows[:PAGE]
    return Page(
        list(counts.items()),
        shown,
        shown[-1].place if more else None,
        is_first=after == 0,
        renamed=[Renamed(*each) for each in run(RENAMED, values)],
    )


def _rows(change: Change, *, after: int, values: dict[str, int]) -> list[Row]:
    """In the order of the version that has them."""
    side = "older" if change == Change.REMOVED else "newer"
    statement = LIST.format(side=side, pairs=PAIRS, condition=CONDITIONS[change])
    found = run(statement, {**values, "after": after, "most": PAGE + 1})
    return [
        Row(place, in_one_line(text), conversation, Standing(*both[:4]), Standing(*both[4:]))
        for place, text, conversation, *both in found
    ]
