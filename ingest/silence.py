"""Open conversations in which nobody says anything any more were abandoned."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from accounts.models import Bot
from ingest.models import Conversation
from ingest.senders import settings_of

AT_ONCE = 5000  # conversations


def close_silent(bot: Bot, *, now: datetime) -> int:
    """Mark the open conversations of `bot` that are silent for too long as abandoned.

    Returns how many there were. One that goes on later is opened again by its next turn.
    """
    quiet_since = now - timedelta(minutes=settings_of(bot).silence_minutes)
    closed = 0
    while batch := _close_some(bot, quiet_since=quiet_since):
        closed += batch
    return closed


@transaction.atomic
def _close_some(bot: Bot, *, quiet_since: datetime) -> int:
    silent = Conversation.objects.of(bot).silent_since(quiet_since)
    # One that somebody is writing to at this moment is not silent, so it is not waited for.
    free = silent.select_for_update(skip_locked=True, no_key=True)
    ids = list(free.order_by("last_at").values_list("pk", flat=True)[:AT_ONCE])
    return silent.filter(pk__in=ids).update(
        outcome=Conversation.Outcome.ABANDONED,
        due_since=Coalesce("due_since", Now()),
        changes=F("changes") + 1,
    )
