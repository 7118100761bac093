"""Intents of which more, or fewer, turns get a second opinion than the bot's share says."""

from django.db import transaction

from accounts.models import Bot, User
from accounts.security_log import record
from annotation.models import Intent, SecondOpinionShare


@transaction.atomic
def share(bot: Bot, intent: Intent, percent: float, *, by: User) -> None:
    """From now on so many turns that the bot takes for `intent` are answered by two."""
    SecondOpinionShare.objects.update_or_create(
        intent=intent, defaults={"bot": bot, "percent": percent}
    )
    record("second_opinions_shared", by=by, bot_id=bot.pk, intent_id=intent.pk)


@transaction.atomic
def forget(bot: Bot, intent: Intent, *, by: User) -> None:
    """Have the bot's share hold again for an intent."""
    SecondOpinionShare.objects.of(bot).filter(intent=intent).delete()
    record("second_opinions_shared", by=by, bot_id=bot.pk, intent_id=intent.pk)
