"""Answers to known turns: right or wrong, and what follows from it. None becomes a label."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Bot, User
from annotation import answering, pausing
from annotation.answering import Answer
from annotation.models import Annotation, GoldLabel, GoldQuestion

Verdict = Annotation.Verdict
SAYS_WHAT_IT_MEANS = frozenset({Verdict.INTENT, Verdict.OUT_OF_SCOPE, Verdict.UNUSABLE})


@transaction.atomic
def answer(item_id: int, user: User, said: Answer, *, bot: Bot) -> bool:
    """Take the answer to a question; False if they are not asked about this item.

    The same form delivered twice is one answer. Raises what `answering.answer` raises for an
    answer that cannot be used.
    """
    asked = GoldQuestion.objects.of(bot).to(user).filter(item=item_id)
    question = asked.select_for_update(of=("self",)).select_related("item").first()
    if question is None:
        return False
    if question.answered_at:
        return question.submission == said.submission
    answering.check(said, question.item, bot=bot)
    question.submission = said.submission
    question.verdict, question.intent_id = said.verdict, said.intent_id
    question.better_answer, question.note = said.better_answer, said.note
    question.seconds = said.seconds
    question.right = _is_right(question, said)
    question.answered_at = timezone.now()
    question.save()
    if question.right is False:
        pausing.consider(user, bot=bot)
    return True


def _is_right(question: GoldQuestion, said: Answer) -> bool | None:
    """By what the turn means now: a label may have been mended, or its intent merged."""
    if said.verdict not in SAYS_WHAT_IT_MEANS:
        return None
    gold = GoldLabel.objects.current().filter(turn=question.item.turn_id).first()
    if gold is None:
        return None
    return (gold.verdict, gold.intent_id) == (said.verdict, said.intent_id)


# ── results ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Known:
    """How many known turns somebody had right."""

    right: int = 0
    asked: int = 0


RESULTS = """
SELECT person_id, count(*) FILTER (WHERE "right"), count(*) FROM annotation_goldquestion
WHERE bot_id = %s AND answered_at >= %s AND answered_at < %s AND "right" IS NOT NULL
    AND person_id = ANY(%s)
GROUP BY person_id
"""


def results(
    bot: Bot, people: Sequence[int], start: date, *, until: datetime | None = None
) -> dict[int, Known]:
    """Of each person since a day in UTC; `until`, if it is given, is left out."""
    since = datetime.combine(start, time(), tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute(RESULTS, [bot.pk, since, until or timezone.now(), list(people)])
        return {person: Known(right, asked) for person, right, asked in cursor.fetchall()}
