"""learnloop/sample/loading.py"""

from datetime import UTC, datetime

from accounts.models import Bot
from ingest.models import Conversation, IncomingEvent
from learnloop.sample import loading
from tests.factories import make_bot

NOW = datetime(2026, 5, 9, 12, tzinfo=UTC)


def test_a_new_install_gets_the_sample_bank(db):
    count = loading.load(now=NOW)

    assert count == IncomingEvent.objects.count() > 1000
    assert Conversation.objects.count() >= 300
    assert Bot.objects.get().slug == "sample-bank"


def test_an_install_with_a_bot_is_left_alone(db):
    make_bot()

    assert loading.load(now=NOW) == 0
    assert not Conversation.objects.exists()
