"""Puts what was chosen in its order, and copies it into the rows of a version."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from accounts.models import Bot
from annotation.models import EntityType
from training.choosing import Progress, run
from training.models import DatasetVersion, Fate

AT_ONCE = 10_000  # rows that are copied in one transaction: a tenth of a second
A_FIFTH = 0.2

Writing = Callable[[], AbstractContextManager[None]]

# Who has no name stands behind those that have one.
NAMES = """
SELECT label, verdict, intent.id, COALESCE(intent.name, '')
FROM (SELECT DISTINCT label, verdict FROM freezing) AS each
LEFT JOIN annotation_intent intent ON intent.id = each.label AND each.verdict = 'intent'
ORDER BY intent.name IS NULL, intent.name COLLATE "C", verdict
"""
# By (intent, fate, side, text): so a file of Git is one run of rows, and so is a page.
PLACE = """
CREATE TEMPORARY TABLE freezing_placed AS
WITH named AS (
    SELECT * FROM unnest(%(labels)s::bigint[]) WITH ORDINALITY AS named (label, place)
), opinions AS (
    SELECT gold, jsonb_agg(
        jsonb_build_object('verdict', other.verdict, 'intent', COALESCE(intent.name, ''))
        ORDER BY other.verdict COLLATE "C", intent.name COLLATE "C"
    ) AS opinions
    FROM freezing
    JOIN annotation_annotation said ON said.id = freezing.annotation
    JOIN annotation_reviewitem item ON item.id = said.item_id AND item.turn_id = freezing.turn
    JOIN annotation_annotation other ON other.item_id = said.item_id AND other.id <> said.id
        AND other.bot_id = %(bot)s AND other.undone_at IS NULL
        AND other.verdict IN ('intent', 'oos', 'unusable')
    LEFT JOIN annotation_intent intent ON intent.id = other.intent_id
    GROUP BY gold
)
SELECT row_number() OVER (
        ORDER BY named.place, fate, side = 'audit', turn.text COLLATE "C", turn.event_id
    )::int AS place,
    named.place::int - 1 AS of_intent, freezing.gold, freezing.turn, freezing.text, side, fate,
    clashes, opinions.opinions
FROM freezing
JOIN named ON named.label = freezing.label
JOIN ingest_turn turn ON turn.event_id = freezing.turn
LEFT JOIN opinions ON opinions.gold = freezing.gold
"""
RANGES = """
SELECT of_intent, min(place), max(place) FROM freezing_placed GROUP BY of_intent ORDER BY of_intent
"""
COPY = """
INSERT INTO training_datasetrow
    (version_id, place, dataset_intent_id, gold_label_id, turn_id, text_id, side, fate, clashes,
     opinions)
SELECT called.version_id, placed.place, called.id, gold, turn, text, side, fate, clashes, opinions
FROM freezing_placed placed
JOIN training_datasetintent called
    ON called.version_id = %s AND called.place = placed.of_intent
WHERE placed.place > %s AND placed.place <= %s
ORDER BY placed.place
"""
# Of conversations that were deleted while rows were copied.
SWEEP = """
DELETE FROM training_datasetrow kept WHERE version_id = %s AND NOT EXISTS (
    SELECT FROM annotation_goldlabel gold WHERE gold.id = kept.gold_label_id
)
"""
COUNT = """
SELECT dataset_intent_id, side, fate, count(*) FROM training_datasetrow
WHERE version_id = %s GROUP BY dataset_intent_id, side, fate
"""
CLASHES = """
SELECT count(DISTINCT text_id) FROM training_datasetrow WHERE version_id = %s AND clashes
"""
BUSIEST = f"""
SELECT annotator_id, count(*) FROM freezing
JOIN annotation_annotation said ON said.id = freezing.annotation
WHERE side = 'train' AND fate = {Fate.KEPT}
GROUP BY annotator_id HAVING count(*) > %s ORDER BY count(*) DESC, annotator_id
"""  # noqa: S608  numbers of ours


class Called(NamedTuple):
    """What a label was called at this moment, and which places it has."""

    label: int
    verdict: str
    intent: int | None
    name: str
    first_row: int
    last_row: int


class Count(NamedTuple):
    dataset_intent: int
    side: str
    fate: int
    rows: int


def place(bot: Bot) -> list[Called]:
    """Give every row its place; the labels in their order."""
    names = run(NAMES)
    run(PLACE, {"labels": [label for label, *_ in names], "bot": bot.pk})
    run("CREATE INDEX ON freezing_placed (place)")
    run("ANALYZE freezing_placed")
    ranges = {of: (first, last) for of, first, last in run(RANGES)}
    # A label may have lost all its rows in this moment, with their conversations.
    return [Called._make((*row, *ranges.get(number, (0, 0)))) for number, row in enumerate(names)]


def copy_rows(version: DatasetVersion, *, writing: Writing, on_progress: Progress) -> None:
    ((total,),) = run("SELECT COALESCE(max(place), 0) FROM freezing_placed")
    for start in range(0, total, AT_ONCE):
        with writing():
            run(COPY, [version.pk, start, start + AT_ONCE])
        on_progress(min(start + AT_ONCE, total), total, "Copying rows")
    run(SWEEP, [version.pk])
    # Else whoever reads them in the next minute is led through a table that is believed empty.
    run("ANALYZE training_datasetrow, training_datasetintent")


def counts_of(version: DatasetVersion) -> list[Count]:
    return [Count._make(row) for row in run(COUNT, [version.pk])]


def clashes_of(version: DatasetVersion) -> int:
    ((number,),) = run(CLASHES, [version.pk])
    return int(number)


def busiest(*, of: int) -> list[list[int]]:
    """Who gave more than a fifth of `of` training rows, and how many; most first."""
    return [list(row) for row in run(BUSIEST, [of * A_FIFTH])]


def entity_types_of(bot: Bot) -> dict[str, str]:
    """How entity types are called at this moment, by their keys as JSON has them."""
    return {str(key): name for key, name in EntityType.objects.of(bot).values_list("pk", "name")}
