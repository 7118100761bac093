"""Changing how a bot's events are taken in."""

from typing import Any

from django.db import transaction

from accounts.models import Bot, User
from accounts.security_log import record
from ingest.models import IntakeSettings
from ingest.signals import rules_of
from jobs import requesting

FIND_SIGNALS_AGAIN = "find_signals_again"


@transaction.atomic
def change_intake(bot: Bot, *, by: User, **fields: Any) -> bool:
    """Store fields of IntakeSettings; say whether signals are found again because of it."""
    before, _ = IntakeSettings.objects.select_for_update().get_or_create(bot=bot)
    IntakeSettings.objects.filter(bot=bot).update(**fields)
    record("intake_changed", by=by, bot_id=bot.pk)
    if "signals" not in fields or rules_of(fields["signals"]) == rules_of(before.signals):
        return False
    # Without a key: one that runs already has passed conversations that need another look.
    requesting.request(FIND_SIGNALS_AGAIN, bot=bot, by=by)
    return True
