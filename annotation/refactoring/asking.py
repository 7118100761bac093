"""After a split, items whose label stayed wait again, with their old answer in words."""

from collections.abc import Sequence

from annotation.models import AskedAgain, GoldLabel, IntentChange
from annotation.picking import PICKED
from annotation.refactoring.moving import AT_ONCE, Progress, Writing, run

WHY = (
    "“{old}” was split, and “{new}” taken from it. Before that it was labelled “{old}”, and it "
    "keeps that label until somebody answers."
)

CONVERSATIONS = """
SELECT id FROM ingest_conversation
WHERE id IN (SELECT conversation_id FROM annotation_reviewitem WHERE id = ANY(%s))
ORDER BY id FOR KEY SHARE
"""
ITEMS = "SELECT id FROM annotation_reviewitem WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"

# Those that were answered and closed, and whose turn still has the label.
REMEMBER = """
INSERT INTO annotation_askedagain (change_id, item_id, before)
SELECT %(change)s, item.id, jsonb_build_object(
    'lane', item.lane, 'priority', item.priority, 'reasons', item.reasons,
    'ended_at', item.ended_at, 'not_for', item.not_for, 'alike_count', item.alike_count,
    'answers', COALESCE((
        SELECT jsonb_agg(said.id ORDER BY said.id) FROM annotation_annotation said
        WHERE said.item_id = item.id AND said.undone_at IS NULL
    ), '[]'))
FROM annotation_reviewitem item
WHERE item.id = ANY(%(items)s) AND item.status = 'done' AND EXISTS (
    SELECT FROM annotation_goldlabel gold
    WHERE gold.turn_id = item.turn_id AND gold.withdrawn_at IS NULL AND gold.intent_id = %(intent)s
)
ON CONFLICT DO NOTHING
RETURNING item_id
"""
# Who answered may answer once more, to what is another question now.
TAKE_BACK = """
UPDATE annotation_annotation SET undone_at = statement_timestamp()
WHERE item_id = ANY(%s) AND undone_at IS NULL
"""
OPEN = """
UPDATE annotation_reviewitem
SET status = 'open', ended_at = NULL, not_for = '{}', assigned_to_id = NULL,
    lane = CASE WHEN policy = 'audit' THEN 'audit' ELSE 'selection' END,
    priority = greatest(priority, %(priority)s),
    reasons = jsonb_build_array(%(why)s::text) || reasons
WHERE id = ANY(%(items)s)
"""


def ask_again(change: IntentChange, *, writing: Writing, on_progress: Progress) -> None:
    """Let all items wait again whose label stayed. Done twice, it does nothing the second time."""
    items = _to_ask(change)
    for start in range(0, len(items), AT_ONCE):
        slice_ = items[start : start + AT_ONCE]
        with writing():
            _open(change, slice_)
        done = start + len(slice_)
        on_progress(done, len(items), "Queueing turns again")


def _to_ask(change: IntentChange) -> list[int]:
    stays = GoldLabel.objects.current().filter(bot=change.bot, intent=change.intent)
    asked = AskedAgain.objects.filter(change=change).values("item")
    items = stays.exclude(annotation__item__in=asked).values_list("annotation__item")
    return sorted({item for (item,) in items.iterator()})


def _open(change: IntentChange, items: Sequence[int]) -> None:
    _lock(items)
    values = {"change": change.pk, "items": list(items), "intent": change.intent_id}
    asked = [item for (item,) in run(REMEMBER, values)]
    run(TAKE_BACK, [asked])
    why = WHY.format(old=change.old_name, new=change.new_name)
    run(OPEN, {"items": asked, "priority": PICKED, "why": why})
    run(
        "UPDATE annotation_intentchange SET asked = asked + %s WHERE id = %s",
        [len(asked), change.pk],
    )


# ── and back ──────────────────────────────────────────────────────────────────────────

# Those that nobody has answered since, and that nothing came to stand beside.
CLOSE = """
UPDATE annotation_reviewitem item
SET status = 'done', holder_id = NULL, held_until = NULL, assigned_to_id = NULL,
    lane = was.before->>'lane', priority = (was.before->>'priority')::float8,
    reasons = was.before->'reasons', ended_at = (was.before->>'ended_at')::timestamptz,
    not_for = ARRAY(SELECT jsonb_array_elements_text(was.before->'not_for')::bigint)
FROM annotation_askedagain was
WHERE was.change_id = %(change)s AND was.item_id = item.id AND item.id = ANY(%(items)s)
    AND item.status = 'open' AND item.alike_count = (was.before->>'alike_count')::int
    AND NOT EXISTS (
        SELECT FROM annotation_annotation said
        WHERE said.item_id = item.id AND said.undone_at IS NULL AND said.verdict <> 'skip'
    )
RETURNING item.id
"""
SKIPS = """
UPDATE annotation_annotation SET undone_at = statement_timestamp()
WHERE item_id = ANY(%s) AND undone_at IS NULL
"""
STAND_AGAIN = """
UPDATE annotation_annotation SET undone_at = NULL WHERE id IN (
    SELECT jsonb_array_elements_text(before->'answers')::bigint FROM annotation_askedagain
    WHERE change_id = %s AND item_id = ANY(%s)
)
"""
FORGET = "DELETE FROM annotation_askedagain WHERE change_id = %s AND item_id = ANY(%s)"


def ask_no_more(change: IntentChange, *, writing: Writing, on_progress: Progress) -> int:
    """Close the items again that nobody has answered since; how many stay as they are."""
    asked = AskedAgain.objects.filter(change=change)
    items = list(asked.order_by("item").values_list("item", flat=True))
    for start in range(0, len(items), AT_ONCE):
        slice_ = items[start : start + AT_ONCE]
        with writing():
            _close(change, slice_)
        done = start + len(slice_)
        on_progress(done, len(items), "Taking turns out of the queue")
    return asked.count()


def _close(change: IntentChange, items: Sequence[int]) -> None:
    _lock(items)
    closed = [item for (item,) in run(CLOSE, {"change": change.pk, "items": list(items)})]
    run(SKIPS, [closed])
    run(STAND_AGAIN, [change.pk, closed])
    run(FORGET, [change.pk, closed])


def _lock(items: Sequence[int]) -> None:
    run(CONVERSATIONS, [list(items)])
    run(ITEMS, [list(items)])
