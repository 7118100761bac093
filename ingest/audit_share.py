"""How much of the traffic only tests: enough conversations every week for a judgement."""

from datetime import datetime, timedelta

from accounts.models import Bot
from ingest.models import Conversation, IntakeSettings
from ingest.senders import settings_of

WEEK = timedelta(days=7)
AT_LEAST = 50  # conversations a week
HIGHEST = 50.0  # percent


def raise_share(bot: Bot, *, now: datetime) -> float | None:
    """Set the audit share of `bot` by the traffic of the last week; return it in percent.

    None means that its normal share brings enough. So it is where nothing came in at all:
    what comes first may be a whole archive.
    """
    week = Conversation.objects.of(bot).filter(started_at__gt=now - WEEK, started_at__lte=now)
    share = needed(week.count(), normal=settings_of(bot).audit_percent)
    IntakeSettings.objects.update_or_create(bot=bot, defaults={"audit_percent_now": share})
    return share


def needed(conversations: int, *, normal: float) -> float | None:
    """Return the percentage that makes AT_LEAST of so many; None if `normal` is enough."""
    if not conversations or conversations * normal / 100 >= AT_LEAST:
        return None
    return min(HIGHEST, 100 * AT_LEAST / conversations)
