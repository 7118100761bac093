"""Keeps what a bot's settings say for how long, and no longer."""

from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.models import Bot
from accounts.security_log import record
from ingest import leaving
from ingest.models import Conversation, Delivery
from ingest.senders import settings_of

# Nobody sends a copy of a request after so long; an event that comes again is known by its own id.
DELIVERIES_KEPT = timedelta(days=30)
AT_ONCE = 5000


def delete_old(
    bot: Bot,
    *,
    now: datetime,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> int:
    """Delete the conversations that ended longer ago than the bot keeps them; how many."""
    days = settings_of(bot).retention_days
    if days is None:
        return 0
    old = Conversation.objects.of(bot).ended_before(now - timedelta(days=days))
    done = 0
    while batch := list(old.order_by("started_at").values_list("pk", flat=True)[: leaving.AT_ONCE]):
        leaving.delete_conversations(bot, batch)
        done += len(batch)
        on_progress(done, done + 1)
    if done:
        record("old_conversations_deleted", bot_id=bot.pk, conversations=done, days=days)
    return done


def forget_deliveries(*, now: datetime) -> int:
    """Delete a batch of records of requests that nobody sends again; how many."""
    old = Delivery.objects.filter(received_at__lt=now - DELIVERIES_KEPT)
    return Delivery.objects.filter(pk__in=old.values("pk")[:AT_ONCE]).delete()[0]
