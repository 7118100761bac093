"""When an open conversation counts as abandoned."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingest import silence
from ingest.models import Conversation, IntakeSettings
from tests.ingest.talking import make_conversation

NOW = timezone.now()
HALF_AN_HOUR = timedelta(minutes=30)


def silent_for(bot, length, **fields):
    return make_conversation(bot, start=NOW - length, due_since=None, **fields)


def test_a_conversation_that_fell_silent_was_abandoned_and_is_looked_at_again(bot):
    conversation = silent_for(bot, HALF_AN_HOUR)

    assert silence.close_silent(bot, now=NOW) == 1

    conversation.refresh_from_db()
    assert conversation.outcome == "abandoned"
    assert conversation.due_since is not None
    assert conversation.changes == 2


def test_a_conversation_that_still_goes_on_stays_open(bot):
    conversation = silent_for(bot, HALF_AN_HOUR - timedelta(seconds=1))

    assert silence.close_silent(bot, now=NOW) == 0

    conversation.refresh_from_db()
    assert (conversation.outcome, conversation.changes) == ("open", 1)


@pytest.mark.parametrize("outcome", ["closed", "escalated", "abandoned"])
def test_a_conversation_that_ended_keeps_its_end(bot, outcome):
    conversation = silent_for(bot, timedelta(days=3), outcome=outcome)

    assert silence.close_silent(bot, now=NOW) == 0

    conversation.refresh_from_db()
    assert (conversation.outcome, conversation.due_since) == (outcome, None)


def test_the_bot_says_how_long_silence_is(bot, other_bot):
    IntakeSettings.objects.create(bot=bot, silence_minutes=5)
    for each in (bot, other_bot):
        silent_for(each, timedelta(minutes=10))

    closed = [silence.close_silent(each, now=NOW) for each in (bot, other_bot)]

    assert closed == [1, 0]


def test_what_was_due_before_is_due_since_then(bot):
    long_ago = NOW - timedelta(hours=2)
    make_conversation(bot, start=long_ago, due_since=long_ago)

    silence.close_silent(bot, now=NOW)

    assert Conversation.objects.get().due_since == long_ago


def test_many_are_closed_a_batch_at_a_time(bot, monkeypatch):
    monkeypatch.setattr(silence, "AT_ONCE", 2)
    for _ in range(5):
        silent_for(bot, timedelta(hours=1))

    assert silence.close_silent(bot, now=NOW) == 5
    assert not Conversation.objects.filter(outcome="open").exists()
