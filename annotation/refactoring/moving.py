"""Gold labels change their intent by being added anew: the older one remembers the newer.

In slices, each in one transaction of the caller's. Conversations and items are locked before
labels, as by all who answer or erase: else an answer given meanwhile would pass by the new row.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.db import connection

from annotation.models import GoldLabel, IntentChange, SplitPick

AT_ONCE = 2000  # labels: a third of a second, in which nobody answers their turns

Writing = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], object]

CONVERSATIONS = """
SELECT id FROM ingest_conversation WHERE id IN (
    SELECT turn.conversation_id FROM annotation_goldlabel gold
    JOIN ingest_turn turn ON turn.event_id = gold.turn_id WHERE gold.id = ANY(%s)
) ORDER BY id FOR KEY SHARE
"""
ITEMS = """
SELECT id FROM annotation_reviewitem WHERE id IN (
    SELECT said.item_id FROM annotation_goldlabel gold
    JOIN annotation_annotation said ON said.id = gold.annotation_id WHERE gold.id = ANY(%s)
) ORDER BY id FOR NO KEY UPDATE
"""

# ── there ─────────────────────────────────────────────────────────────────────────────

WITHDRAW = """
UPDATE annotation_goldlabel gold
SET withdrawn_at = statement_timestamp(), replaced_by_id = newer.id
FROM (
    SELECT older, nextval(pg_get_serial_sequence('annotation_goldlabel', 'id')) AS id
    FROM unnest(%(labels)s::bigint[]) AS older
) newer
WHERE gold.id = newer.older AND gold.withdrawn_at IS NULL AND gold.intent_id = %(source)s
RETURNING gold.id
"""
ADD = """
INSERT INTO annotation_goldlabel
    (id, bot_id, turn_id, text_id, annotation_id, verdict, intent_id, side, policy, chance,
     guess_shown, seconds, by_likeness, change_id, created_at)
SELECT replaced_by_id, bot_id, turn_id, text_id, annotation_id, verdict, %(into)s, side, policy,
    chance, guess_shown, seconds, by_likeness, %(change)s, statement_timestamp()
FROM annotation_goldlabel WHERE id = ANY(%(labels)s)
"""


def move(change: IntentChange, *, writing: Writing, on_progress: Progress) -> None:
    """Give the labels that `change` is about the intent that they go to.

    Done twice, it does nothing the second time. What was answered anew since is passed by.
    """
    while labels := list(_to_move(change)):
        for done, slice_ in _slices(labels):
            with writing():
                _count(change, moved=move_labels(change, slice_))
            on_progress(done, len(labels), "Moving labels")


def move_labels(change: IntentChange, labels: Sequence[int]) -> int:
    """Move some in one transaction; how many were still to be moved."""
    _lock(labels)
    return _move(labels, source=change.intent_id, into=change.into_id, change=change.pk)


def _move(labels: Sequence[int], *, source: int, into: int | None, change: int) -> int:
    taken = [key for (key,) in run(WITHDRAW, {"labels": list(labels), "source": source})]
    run(ADD, {"labels": taken, "into": into, "change": change})
    return len(taken)


MERGED = """
SELECT alias.change_id, gold.intent_id, alias.intent_id, array_agg(gold.id)
FROM annotation_goldlabel gold
JOIN annotation_intentalias alias ON alias.merged_id = gold.intent_id
WHERE gold.id = ANY(%s) AND alias.change_id IS NOT NULL
GROUP BY alias.change_id, gold.intent_id, alias.intent_id
"""


def follow_merges(labels: Sequence[int]) -> None:
    """Let labels that are current again be of what their intent was merged into meanwhile.

    Call it where their items are locked.
    """
    for change, source, into, theirs in run(MERGED, [list(labels)]):
        _move(theirs, source=source, into=into, change=change)


def _to_move(change: IntentChange) -> Iterator[int]:
    current = GoldLabel.objects.current().filter(bot=change.bot, intent=change.intent)
    if change.kind == IntentChange.Kind.SPLIT:
        picked = SplitPick.objects.filter(change=change).values("gold_label")
        current = current.filter(pk__in=picked)
    return current.order_by("pk").values_list("pk", flat=True).iterator()


# ── and back ──────────────────────────────────────────────────────────────────────────

WITHDRAW_NEWER = """
UPDATE annotation_goldlabel SET withdrawn_at = statement_timestamp()
WHERE id = ANY(%s) AND withdrawn_at IS NULL RETURNING id
"""
RESTORE = """
UPDATE annotation_goldlabel SET withdrawn_at = NULL, replaced_by_id = NULL
WHERE replaced_by_id = ANY(%s)
"""


def move_back(change: IntentChange, *, writing: Writing, on_progress: Progress) -> None:
    """Let the labels be current again that `change` replaced. What replaced its own stays."""
    while labels := list(_to_restore(change)):
        for done, slice_ in _slices(labels):
            with writing():
                _lock(slice_)
                withdrawn = [key for (key,) in run(WITHDRAW_NEWER, [list(slice_)])]
                run(RESTORE, [withdrawn])
            on_progress(done, len(labels), "Moving labels back")


def _to_restore(change: IntentChange) -> Iterator[int]:
    current = GoldLabel.objects.current().filter(change=change)
    return current.order_by("pk").values_list("pk", flat=True).iterator()


def _slices(labels: Sequence[int]) -> Iterator[tuple[int, Sequence[int]]]:
    """Some labels at a time, and how many there are with them."""
    for start in range(0, len(labels), AT_ONCE):
        slice_ = labels[start : start + AT_ONCE]
        yield start + len(slice_), slice_


def _lock(labels: Sequence[int]) -> None:
    run(CONVERSATIONS, [list(labels)])
    run(ITEMS, [list(labels)])


def _count(change: IntentChange, *, moved: int) -> None:
    run("UPDATE annotation_intentchange SET moved = moved + %s WHERE id = %s", [moved, change.pk])


def run(statement: str, values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []
