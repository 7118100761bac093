"""Gold labels: what is accepted of what people said, and how that is taken back."""

from typing import Any

from django.db import connection

from accounts.pipelining import rows, run
from annotation import aliases
from annotation.models import Annotation, GoldLabel, ReviewItem
from annotation.refactoring import moving

# What was marked in an answer called `said`, so that two can be compared.
MARKS = """ARRAY(
    SELECT (type_id, start, "end")::text FROM annotation_entityspan
    WHERE annotation_id = said.id ORDER BY 1
)"""

# An item stands for its own turn, and with for_alike for those beside it. What somebody said of
# one of these by itself stays.
ACCEPT = """
INSERT INTO annotation_goldlabel
    (bot_id, turn_id, text_id, annotation_id, verdict, intent_id, side, policy, chance,
     guess_shown, seconds, by_likeness, created_at)
SELECT %(bot)s, event_id, distinct_text_id, %(annotation)s, %(verdict)s, %(intent)s, talk.side,
    %(policy)s, CASE WHEN event_id = %(turn)s THEN %(chance)s::float8 END, %(guess_shown)s,
    CASE WHEN event_id = %(turn)s THEN %(seconds)s::float8 END, event_id <> %(turn)s,
    statement_timestamp()
FROM ingest_turn turn JOIN ingest_conversation talk ON talk.id = turn.conversation_id
WHERE event_id = ANY(%(turns)s)
ON CONFLICT (turn_id) WHERE withdrawn_at IS NULL DO NOTHING
"""
ALIKE = "SELECT turn_id FROM annotation_itemturn WHERE item_id = %s"
WITHDRAW_OLDER = """
UPDATE annotation_goldlabel SET withdrawn_at = statement_timestamp()
WHERE turn_id = %s AND withdrawn_at IS NULL RETURNING id
"""
# Those beside an item that is asked again go by its new answer if they went by the old one.
WITHDRAW_ALIKE = """
UPDATE annotation_goldlabel beside SET withdrawn_at = statement_timestamp()
FROM annotation_goldlabel older
WHERE older.id = ANY(%s) AND beside.turn_id = ANY(%s) AND beside.withdrawn_at IS NULL
    AND beside.by_likeness AND beside.annotation_id = older.annotation_id
    AND beside.intent_id = older.intent_id
RETURNING beside.id
"""
REPLACED_BY = """
UPDATE annotation_goldlabel older SET replaced_by_id = newer.id
FROM annotation_goldlabel newer
WHERE older.id = ANY(%s) AND newer.turn_id = older.turn_id AND newer.withdrawn_at IS NULL
"""


def accept(item: ReviewItem, said: Annotation) -> None:
    """Make what was said of `item` the gold label of its turn, and of those alike if it is so.

    An older one of the turn is withdrawn and remembers what it was replaced by.
    """
    alike = (
        [turn for (turn,) in rows(ALIKE, [item.pk])] if said.for_alike and item.alike_count else []
    )
    row = {
        "bot": item.bot_id,
        "turn": item.turn_id,
        "turns": [item.turn_id, *alike],
        "annotation": said.pk,
        "verdict": said.verdict,
        "intent": said.intent_id,
        "policy": item.policy,
        "chance": item.chance,
        "guess_shown": said.guess_shown,
        "seconds": said.seconds,
    }
    older = [key for (key,) in rows(WITHDRAW_OLDER, [item.turn_id])]
    if older and alike:
        older += [key for (key,) in rows(WITHDRAW_ALIKE, [older, alike])]
    run(ACCEPT, row)
    if older:
        run(REPLACED_BY, [older])


def agrees(said: Annotation) -> bool:
    """Whether another's standing answer to the same item is the same, spans included."""
    others = Annotation.objects.opinions().filter(item=said.item_id).exclude(pk=said.pk)
    same = others.filter(verdict=said.verdict)
    if said.intent_id is not None:
        same = same.filter(intent__in=aliases.same_as(said.intent_id))
    return any(_spans(other) == _spans(said) for other in same.prefetch_related("spans"))


AGREED = f"""
SELECT count(*), count(DISTINCT (verdict, intent_id, {MARKS})), bool_or(verdict = 'unsure')
FROM annotation_annotation said
WHERE item_id = %s AND undone_at IS NULL AND superseded_at IS NULL AND verdict <> 'skip'
"""  # noqa: S608  # own words


def in_agreement(item_id: int) -> int:
    """How many answers to an item stand, if they are all the same and sure; else none."""
    ((number, different, some_unsure),) = rows(AGREED, [item_id])
    return int(number) if different == 1 and not some_unsure else 0


def _spans(said: Annotation) -> set[tuple[Any, ...]]:
    return {(span.type_id, span.start, span.end) for span in said.spans.all()}


# Of one answer, and then those that they had replaced.
WITHDRAW = """
UPDATE annotation_goldlabel SET withdrawn_at = statement_timestamp()
WHERE annotation_id = %s AND withdrawn_at IS NULL
"""
RESTORE = """
UPDATE annotation_goldlabel SET withdrawn_at = NULL, replaced_by_id = NULL
WHERE replaced_by_id IN (SELECT id FROM annotation_goldlabel WHERE annotation_id = %s)
RETURNING id
"""


def take_back(said: Annotation) -> None:
    """Withdraw the gold labels of an answer; those that they replaced are current again."""
    with connection.cursor() as cursor:
        cursor.execute(WITHDRAW, [said.pk])
        cursor.execute(RESTORE, [said.pk])
        restored = [key for (key,) in cursor.fetchall()]
    if restored:
        moving.follow_merges(restored)


def were_replaced(said: Annotation) -> bool:
    """Whether one of the answer's gold labels is not current any more."""
    return GoldLabel.objects.filter(annotation=said, withdrawn_at__isnull=False).exists()
