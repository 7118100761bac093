"""Who gets no turns for now, because too few of the known ones were right."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Bot, User
from accounts.security_log import record
from annotation.configuring import settings_of
from annotation.models import GoldQuestion, ReviewPause

LOOKED_AT = 20  # the newest known turns
FEWEST = 10


def consider(user: User, *, bot: Bot) -> bool:
    """Pause somebody if too few of their newest known turns were right; whether that is so.

    What they answered before a pause was lifted does not count any more.
    """
    bar = settings_of(bot).pause_below
    if not bar:
        return False
    asked = GoldQuestion.objects.of(bot).to(user).counted().newest_first()
    if last := _last(user, bot):
        asked = asked.filter(answered_at__gt=last.lifted_at or last.since)
    right = list(asked.values_list("right", flat=True)[:LOOKED_AT])
    if len(right) < FEWEST or sum(map(bool, right)) * 100 >= bar * len(right):
        return False
    try:
        with transaction.atomic():
            ReviewPause.objects.create(
                bot=bot, person=user, right=sum(map(bool, right)), asked=len(right)
            )
    except IntegrityError:  # in two windows at once
        return True
    record("review_paused", by=None, bot_id=bot.pk, person_id=user.pk)
    return True


def current(user: User, *, bot: Bot) -> ReviewPause | None:
    return ReviewPause.objects.of(bot).of_person(user).holding().first()


def lift(user: User, *, bot: Bot, by: User) -> bool:
    """Let somebody go on; False if they were not paused."""
    pauses = ReviewPause.objects.of(bot).of_person(user).holding()
    lifted = bool(pauses.update(lifted_at=timezone.now(), lifted_by=by))
    if lifted:
        record("review_pause_lifted", by=by, bot_id=bot.pk, person_id=user.pk)
    return lifted


def _last(user: User, bot: Bot) -> ReviewPause | None:
    return ReviewPause.objects.of(bot).of_person(user).order_by("-since").first()
