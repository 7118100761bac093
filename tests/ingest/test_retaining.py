"""ingest/retaining.py: how long conversations are kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingest import retaining
from ingest.models import Conversation, Delivery, IntakeSettings
from tests.ingest.sending import an_event, send


@pytest.fixture
def talked(anonymous, secret):
    """One conversation ended forty days ago, one began then and goes on."""
    now = timezone.now()
    long_ago = (now - timedelta(days=40)).isoformat()
    events = [
        an_event(conversation_id="old", timestamp=long_ago),
        an_event(conversation_id="long", timestamp=long_ago),
        an_event(conversation_id="long", timestamp=now.isoformat()),
    ]
    assert send(anonymous, {"events": events}, secret=secret).status_code == 202


def names():
    return sorted(Conversation.objects.values_list("name", flat=True))


def test_a_bot_without_a_limit_keeps_everything(talked, bot):
    retaining.delete_old(bot, now=timezone.now())

    assert names() == ["long", "old"]


def test_what_ended_before_the_limit_is_deleted(talked, bot):
    IntakeSettings.objects.create(bot=bot, retention_days=30)

    count = retaining.delete_old(bot, now=timezone.now())

    assert (count, names()) == (1, ["long"])


def test_another_bot_keeps_its_own(talked, other_bot):
    IntakeSettings.objects.create(bot=other_bot, retention_days=1)

    retaining.delete_old(other_bot, now=timezone.now())

    assert names() == ["long", "old"]


def test_records_of_requests_go_after_a_month(talked):
    kept = retaining.forget_deliveries(now=timezone.now() + timedelta(days=29))
    forgotten = retaining.forget_deliveries(now=timezone.now() + timedelta(days=31))

    assert (kept, forgotten, Delivery.objects.count()) == (0, 1, 0)
