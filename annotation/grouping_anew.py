"""Asking for the groups of a bot to be made anew, by what may not import what makes them."""

from accounts.models import Bot
from jobs import requesting
from jobs.models import Job

GROUP = "group"


def ask_for_grouping(bot: Bot) -> None:
    requesting.ensure(GROUP, key=key_of(bot), bot_id=bot.pk)


def live_job(bot: Bot) -> Job | None:
    """The job that groups right now, or will soon."""
    return Job.objects.live().filter(key=key_of(bot)).first()


def key_of(bot: Bot) -> str:
    return f"{GROUP}:{bot.pk}"
