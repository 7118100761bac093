"""How a bot's queue is filled and handed out."""

from typing import Any

from django.db import transaction

from accounts.models import Bot, User
from accounts.pipelining import instances
from accounts.security_log import record
from annotation.models import ReviewSettings
from jobs import requesting

QUEUE_AGAIN = "queue_again"
SETTINGS = "SELECT * FROM annotation_reviewsettings WHERE bot_id = %s"


def settings_of(bot: Bot) -> ReviewSettings:
    """The stored settings, or the defaults."""
    found = instances(ReviewSettings, SETTINGS, [bot.pk])
    return found[0] if found else ReviewSettings(bot=bot)


@transaction.atomic
def change_review(bot: Bot, *, by: User, **fields: Any) -> bool:
    """Store fields of ReviewSettings; say whether turns are looked at again because of it."""
    before, _ = ReviewSettings.objects.select_for_update().get_or_create(bot=bot)
    ReviewSettings.objects.filter(bot=bot).update(**fields)
    record("review_settings_changed", by=by, bot_id=bot.pk)
    if fields.get("least_weight", before.least_weight) >= before.least_weight:
        return False  # what is queued stays queued
    # Without a key: one that runs already has passed conversations that need another look.
    requesting.request(QUEUE_AGAIN, bot=bot, by=by)
    return True
