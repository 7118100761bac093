"""Puts the sample bot into an install that has no bot yet."""

from datetime import datetime
from itertools import cycle

from django.db import transaction

from accounts.models import Bot
from annotation import wording
from annotation.models.intents import Colour
from ingest import silence
from ingest.preparing import prepare
from ingest.reading import read_event
from ingest.receiving import store
from ingest.senders import keeper_of
from learnloop.sample.conversations import events
from learnloop.sample.entity_types import ENTITY_TYPES
from learnloop.sample.intents import INTENTS

NAME = "Sample bank"
SLUG = "sample-bank"
SEED = 7
AT_ONCE = 500  # events


@transaction.atomic
def load(*, now: datetime) -> int:
    """Store what the sample bot has heard in the 30 days before `now`; how many events.

    An install that has a bot is left as it is.
    """
    if Bot.objects.exists():
        return 0
    # Another machine of the install may be starting too: one of the two makes it.
    bot, is_new = Bot.objects.get_or_create(slug=SLUG, defaults={"name": NAME})
    if not is_new:
        return 0
    keeper = keeper_of(bot)
    prepared = [
        prepare(read_event(raw), name=raw["event_id"], sent_at=now, keeper=keeper)
        for raw in events(seed=SEED, until=now)
    ]
    for start in range(0, len(prepared), AT_ONCE):
        store(prepared[start : start + AT_ONCE], keeper=keeper)
    silence.close_silent(bot, now=now)
    _make_words(bot)
    return len(prepared)


def _make_words(bot: Bot) -> None:
    """What annotators choose from. Nobody made it: an install may have no person yet."""
    for intent, colour in zip(INTENTS, cycle(Colour), strict=False):
        wording.create_intent(
            bot,
            name=intent.name,
            by=None,
            title=intent.title,
            guideline=intent.guideline,
            critical=intent.critical,
            colour=colour,
            good=intent.good,
            bad=intent.bad,
        )
    for kind, colour in zip(ENTITY_TYPES, cycle(Colour), strict=False):
        wording.create_entity_type(
            bot,
            name=kind.name,
            by=None,
            title=kind.title,
            guideline=kind.guideline,
            key=kind.key,
            colour=colour,
        )
