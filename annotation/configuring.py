"""How a bot's queue is filled and handed out."""

from accounts.models import Bot
from annotation.models import ReviewSettings


def settings_of(bot: Bot) -> ReviewSettings:
    """The stored settings, or the defaults."""
    return ReviewSettings.objects.filter(bot=bot).first() or ReviewSettings(bot=bot)
