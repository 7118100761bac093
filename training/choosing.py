"""Which gold labels a version keeps, and why it leaves the others out.

The work goes on in temporary tables of this connection, which nobody else sees and which go with
it. Every choice is made by keys that are made from what was said, never by the order in which
rows came in: the same gold labels make the same version, on every machine.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Bot
from ml.collapsing import Standing
from training.models import DatasetVersion, Fate

MOST_OF_A_SOURCE = 5
KEPT, SAME = Fate.KEPT, Fate.SAME
READ_AT_ONCE = 5000
TEMPORARY = ("freezing", "freezing_texts", "freezing_alike", "freezing_placed")

Progress = Callable[[int, int, str], object]

# `label` is the intent; 0 is out of scope, -1 not usable. A source is the end user who said it,
# or the conversation where no user was named. Of what says the same, the turn that was on
# somebody's screen comes before those that were labelled along with it.
# The order matters: what the audit has takes no place of a source, and neither does what a
# source says again.
CHOOSE = f"""
CREATE TEMPORARY TABLE freezing AS
WITH gold AS MATERIALIZED (
    SELECT gold.id AS gold, gold.turn_id AS turn, gold.text_id AS text, gold.side,
        gold.by_likeness, gold.annotation_id AS annotation, gold.verdict,
        COALESCE(gold.intent_id, CASE gold.verdict WHEN 'oos' THEN 0 ELSE -1 END) AS label,
        COALESCE(event."user", turn.conversation_id) AS source,
        CASE WHEN gold.verdict = 'unusable' THEN {Fate.UNUSABLE}
            WHEN gold.text_id IS NULL OR turn.text = '' THEN {Fate.NO_TEXT} ELSE {KEPT} END AS fate
    FROM annotation_goldlabel gold
    JOIN ingest_turn turn ON turn.event_id = gold.turn_id
    JOIN ingest_incomingevent event ON event.id = gold.turn_id
    WHERE gold.bot_id = %s AND gold.withdrawn_at IS NULL
), clashing AS (
    SELECT text FROM gold WHERE fate = {KEPT} GROUP BY text HAVING min(label) <> max(label)
), audited AS (
    SELECT DISTINCT text FROM gold WHERE fate = {KEPT} AND side = 'audit'
), apart AS (
    SELECT gold.gold, gold.turn, gold.text, gold.side, gold.by_likeness, gold.annotation,
        gold.verdict, gold.label, gold.source, clashing.text IS NOT NULL AS clashes,
        CASE WHEN gold.fate = {KEPT} AND gold.side = 'train' AND audited.text IS NOT NULL
            THEN {Fate.IN_AUDIT} ELSE gold.fate END AS fate
    FROM gold
    LEFT JOIN clashing ON clashing.text = gold.text
    LEFT JOIN audited ON audited.text = gold.text
), said AS (
    SELECT *, row_number() OVER (
        PARTITION BY fate, side, source, label, text ORDER BY by_likeness, turn) AS again
    FROM apart
), once AS (
    SELECT *, CASE WHEN fate = {KEPT} AND side = 'train' AND again > 1 THEN {SAME} ELSE fate
        END AS fate_of_source
    FROM said
), counted AS (
    SELECT *, row_number() OVER (
        PARTITION BY fate_of_source, side, source ORDER BY by_likeness, turn) AS of_source
    FROM once
), capped AS (
    SELECT *, CASE WHEN fate_of_source = {KEPT} AND side = 'train'
            AND of_source > {MOST_OF_A_SOURCE} THEN {Fate.SOURCE}
        ELSE fate_of_source END AS fate_of_text
    FROM counted
), alone AS (
    SELECT *, row_number() OVER (
        PARTITION BY fate_of_text, side, label, text ORDER BY by_likeness, turn) AS of_text
    FROM capped
)
SELECT gold, turn, text, side, annotation, verdict, label, clashes,
    (CASE WHEN fate_of_text = {KEPT} AND side = 'train' AND of_text > 1 THEN {SAME}
        ELSE fate_of_text END)::smallint AS fate
FROM alone
"""  # noqa: S608  numbers of ours


@contextmanager
def chosen(bot: Bot, *, on_progress: Progress) -> Iterator[None]:
    """Choose among the current gold labels of `bot`, into the temporary table `freezing`.

    It may stay behind when something breaks; the next one begins by dropping it.
    """
    _drop()
    on_progress(0, 0, "Reading gold labels")
    run(CHOOSE, [bot.pk])
    run("ANALYZE freezing")
    _collapse(on_progress)
    yield
    _drop()


def _drop() -> None:
    run(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in TEMPORARY)}")


# ── near-duplicates ───────────────────────────────────────────────────────────────────

# Those of the audit first. The key of a text is a keyed hash: as good as drawn, always the same.
OF_AUDIT = -2
TEXTS = f"""
CREATE TEMPORARY TABLE freezing_texts AS
SELECT row_number() OVER (ORDER BY label, text) AS place, label, text
FROM (SELECT DISTINCT CASE side WHEN 'audit' THEN {OF_AUDIT} ELSE label END AS label, text
    FROM freezing WHERE fate = {KEPT}) AS each
"""  # noqa: S608  numbers of ours
READ = """
SELECT each.label, text.id, text.text
FROM freezing_texts each JOIN ingest_text text ON text.id = each.text
WHERE place > %s AND place <= %s ORDER BY place
"""
LEAVE_OUT = f"""
UPDATE freezing SET fate = found.fate FROM freezing_alike found
WHERE freezing.label = found.label AND freezing.text = found.text
    AND side = 'train' AND freezing.fate = {KEPT}
"""  # noqa: S608  numbers of ours

Found = list[tuple[int, UUID, int]]


def _collapse(on_progress: Progress) -> None:
    """Leave out what is near a text of the audit, or near another text of the same label."""
    run(TEXTS)
    run("CREATE INDEX ON freezing_texts (place)")
    run("CREATE TEMPORARY TABLE freezing_alike (label bigint, text uuid, fate smallint)")
    ((total,),) = run("SELECT count(*) FROM freezing_texts")
    collapsing = _Collapsing()
    for start in range(0, total, READ_AT_ONCE):
        found = collapsing.of(run(READ, [start, start + READ_AT_ONCE]))
        _copy(found)
        on_progress(start, total, "Looking for texts that say nearly the same")
    run("ANALYZE freezing_alike")
    run(LEAVE_OUT)


class _Collapsing:
    """Goes through texts sorted by label, and remembers those of the audit and of one label."""

    def __init__(self) -> None:
        self._audited, self._standing = Standing(), Standing()
        self._label = OF_AUDIT

    def of(self, rows: list[tuple[int, UUID, str]]) -> Found:
        """Those that are left out, and why."""
        fates = ((label, key, self._fate(label, text)) for label, key, text in rows)
        return [(label, key, fate) for label, key, fate in fates if fate != Fate.KEPT]

    def _fate(self, label: int, text: str) -> Fate:
        if label == OF_AUDIT:
            self._audited.put(text)
            return Fate.KEPT
        if label != self._label:
            self._label, self._standing = label, Standing()
        if self._audited.stands_for(text):
            return Fate.IN_AUDIT
        if self._standing.stands_for(text):
            return Fate.ALIKE
        self._standing.put(text)
        return Fate.KEPT


def _copy(found: Found) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY freezing_alike (label, text, fate) FROM STDIN") as copy,
    ):
        for label, key, fate in found:
            copy.write_row((label, key, int(fate)))


# ── an intent that grows too fast ─────────────────────────────────────────────────────

# What was moved when intents were changed had been there, with another label.
MOVED = f"""
SELECT COALESCE(called.intent_id, 0), freezing.label, count(*) FROM freezing
JOIN annotation_goldlabel gold ON gold.id = freezing.gold AND gold.change_id IS NOT NULL
JOIN training_datasetrow known ON known.turn_id = freezing.turn AND known.version_id = %s
    AND known.side = 'train' AND known.fate = {KEPT}
JOIN training_datasetintent called ON called.id = known.dataset_intent_id
WHERE freezing.side = 'train' AND freezing.fate = {KEPT}
    AND COALESCE(called.intent_id, 0) <> freezing.label
GROUP BY 1, 2
"""  # noqa: S608  numbers of ours
HOLD_BACK = f"""
UPDATE freezing SET fate = {Fate.QUARANTINED}
WHERE label = ANY(%(labels)s) AND side = 'train' AND fate = {KEPT} AND NOT EXISTS (
    SELECT FROM annotation_goldlabel gold
    WHERE gold.id = freezing.gold AND gold.change_id IS NOT NULL
) AND NOT EXISTS (
    SELECT FROM training_datasetrow known
    JOIN training_datasetintent called ON called.id = known.dataset_intent_id
    WHERE known.turn_id = freezing.turn AND known.version_id = %(before)s
        AND COALESCE(called.intent_id, 0) = freezing.label AND (known.fate = {KEPT}
            OR (known.fate = {Fate.QUARANTINED} AND called.lifted_at IS NOT NULL))
)
"""  # noqa: S608  numbers of ours


def training_rows() -> dict[int, int]:
    """How many training rows each label has so far."""
    return dict(
        run(
            f"SELECT label, count(*) FROM freezing "  # noqa: S608  numbers of ours
            f"WHERE side = 'train' AND fate = {KEPT} GROUP BY label"
        )
    )


def moved_since(before: DatasetVersion) -> list[tuple[int, int, int]]:
    """Training rows of `before` whose label was moved since, not answered: from, to, how many."""
    return run(MOVED, [before.pk])


def hold_back(labels: list[int], *, before: DatasetVersion) -> None:
    """Leave out the training rows of `labels` that version `before` did not have."""
    if labels:
        run(HOLD_BACK, {"labels": labels, "before": before.pk})


# ── statements on this connection's temporary tables ──────────────────────────────────


def run(statement: str, values: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []
