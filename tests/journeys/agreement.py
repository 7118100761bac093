"""People who agree on most, and differ on some, over months; one of them is paused."""

from datetime import timedelta
from random import Random
from uuid import uuid4

from django.utils import timezone

from annotation.comparing import compare_due
from annotation.models import (
    Annotation,
    EntitySpan,
    EntityType,
    GoldQuestion,
    Intent,
    KnownTurn,
    ReviewPause,
    SecondOpinionShare,
)
from tests.annotation.asking import known_turn
from tests.factories import make_annotation, make_item, make_member

TEXTS = ("no it was taken in Lisbon", "أين بطاقتي؟ أريد بطاقة جديدة", "a" * 120)


def people_who_agree(bot, by, *, items=260):
    """The one whose page is looked at, by the name of what is in its address."""
    dice = Random(0)
    names = (("Ana", "Alves"), ("Ben", "Baker"), ("María del Carmen", "Fernández-Villaverde"))
    people = [
        make_member(bot, username=f"person{n}", first_name=first, last_name=last)
        for n, (first, last) in enumerate(names)
    ]
    intents = list(Intent.objects.of(bot).in_use().order_by("pk"))[:9]
    _answers(bot, people, [*intents, None], items=items, dice=dice)
    compare_due(bot)
    _known(bot, people[1], by)
    SecondOpinionShare.objects.create(bot=bot, intent=intents[0], percent=25)
    return {"person": people[1]}


def _answers(bot, people, intents, *, items, dice):
    now, kinds = timezone.now(), list(EntityType.objects.of(bot))
    talk = make_item(bot, TEXTS[0], status="done", ended_at=now).conversation
    spans = []
    for number in range(items):
        at = now - timedelta(hours=20 * number)
        item = make_item(bot, TEXTS[number % 3], conversation=talk, status="done", ended_at=at)
        meant = dice.choice(intents)
        for who in dice.sample(people, 2):
            errs = dice.random() < (0.4 if who == people[1] and number < 33 else 0.08)
            intent = intents[(intents.index(meant) + 1) % len(intents)] if errs else meant
            said = make_annotation(
                item, who, verdict="intent" if intent else "oos", intent=intent, created_at=at,
                seconds=900 if number == 7 else 2 + 4 * dice.random(),
            )  # fmt: skip
            if kinds and number % 3 == 0:
                end = 24 if errs else 25
                spans.append(EntitySpan(annotation=said, type=kinds[0], start=19, end=end))
    EntitySpan.objects.bulk_create(spans)


def _known(bot, person, by):
    now = timezone.now()
    for number in range(12):
        item = known_turn(bot, by, TEXTS[number % 3], source="marked")
        GoldQuestion.objects.create(
            bot=bot, person=person, item=item, known_verdict="oos", held_until=now,
            verdict="oos" if number > 4 else Annotation.Verdict.UNUSABLE, right=number > 4,
            answered_at=now - timedelta(days=number % 4), submission=uuid4(), seconds=3,
        )  # fmt: skip
    barred = known_turn(bot, by, source="barred")
    assert KnownTurn.objects.filter(turn=barred.turn).exists()
    ReviewPause.objects.create(bot=bot, person=person, right=7, asked=12)
