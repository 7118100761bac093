"""Tells people which of their answers a reviewer decided otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import Now

from accounts.models import Bot, User
from accounts.pipelining import run
from annotation.labelling import MARKS
from annotation.models import Correction, GoldLabel
from annotation.opinions import Opinion
from ingest.pieces import in_one_line

# What decided is what the gold label of the item's own turn was made from. People are not told
# that they corrected themselves.
CORRECT = f"""
WITH decided AS (
    SELECT said.id, said.annotator_id, said.verdict, said.intent_id, {MARKS} AS marks
    FROM annotation_reviewitem item
    JOIN annotation_goldlabel gold ON gold.turn_id = item.turn_id AND gold.withdrawn_at IS NULL
    JOIN annotation_annotation said ON said.id = gold.annotation_id AND said.item_id = item.id
    WHERE item.id = %(item)s
), other AS (
    SELECT said.id, said.bot_id, said.annotator_id, decided.id AS decision
    FROM annotation_annotation said, decided
    WHERE said.item_id = %(item)s AND said.undone_at IS NULL AND said.superseded_at IS NULL
        AND said.verdict <> 'skip' AND said.annotator_id <> decided.annotator_id
        AND (said.verdict, said.intent_id, {MARKS})
            IS DISTINCT FROM (decided.verdict, decided.intent_id, decided.marks)
), gone AS (
    DELETE FROM annotation_correction USING annotation_annotation said
    WHERE said.id = annotation_id AND said.item_id = %(item)s
        AND annotation_id NOT IN (SELECT id FROM other)
)
INSERT INTO annotation_correction AS standing
    (annotation_id, bot_id, person_id, decision_id, created_at)
SELECT id, bot_id, annotator_id, decision, statement_timestamp() FROM other
ON CONFLICT (annotation_id) DO UPDATE SET decision_id = excluded.decision_id,
    created_at = excluded.created_at, seen_at = NULL
WHERE standing.decision_id <> excluded.decision_id
"""  # noqa: S608  # own words


def correct(item_id: int) -> None:
    """Have the corrections of an item be what follows from its gold label now."""
    run(CORRECT, {"item": item_id})


def see_all(user: User, *, bot: Bot, until: int) -> None:
    """Count the corrections of `user` as seen; `until` is the newest decision on their page."""
    unseen = Correction.objects.of(bot).of_person(user).unseen()
    unseen.filter(decision__lte=until).update(seen_at=Now())


@dataclass(frozen=True, slots=True)
class Row:
    correction: Correction
    text: str
    mine: Opinion
    decided: Opinion
    label: GoldLabel | None  # None if that was replaced by another since


def rows_of(page: Sequence[Correction]) -> list[Row]:
    """What a list shows of corrections that were read with both answers."""
    made = GoldLabel.objects.filter(
        annotation__in=[each.decision_id for each in page], turn=F("annotation__item__turn")
    )
    by_answer = {each.annotation_id: each for each in made}
    return [
        Row(
            each,
            in_one_line(each.annotation.item.turn.text),
            Opinion(each.annotation),
            Opinion(each.decision),
            by_answer.get(each.decision_id),
        )
        for each in page
    ]


def number_unseen(user: User, *, bot: Bot) -> int:
    return Correction.objects.of(bot).of_person(user).unseen().count()
