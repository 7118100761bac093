"""ingest/receiving.py: what no request alone shows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection

from ingest import leaving, receiving, storing
from ingest.models import Conversation, Text, Tombstone, Turn
from ingest.preparing import prepare
from ingest.reading import read_event
from ingest.senders import keeper_of
from tests.ingest.sending import an_event, send

NOON = datetime(2026, 5, 9, 12, tzinfo=UTC)


def prepared(keeper, *, name="e-1", **fields):
    return prepare(read_event(an_event(**fields)), name=name, sent_at=NOON, keeper=keeper)


def test_the_moment_of_an_erasure_belongs_to_what_was_erased(bot):
    keeper = keeper_of(bot)
    at_once = prepared(keeper, name="a", user_id="carla")
    later = prepared(
        keeper, name="b", user_id="carla", timestamp=(NOON + timedelta(seconds=1)).isoformat()
    )
    Tombstone.objects.create(bot=bot, subject=at_once.user, erased_at=NOON)

    receipt = receiving.store([at_once, later], keeper=keeper)

    assert (receipt.accepted, receipt.erased) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_text_that_goes_out_of_use_in_between_is_stored_again(bot, monkeypatch):
    """It was there when it was looked for, and was deleted before the commit."""
    keeper = keeper_of(bot)
    receiving.store([prepared(keeper, name="a", conversation_id="old")], keeper=keeper)
    old = list(Conversation.objects.values_list("pk", flat=True))
    put, tries = storing.store, []

    def put_while_it_is_deleted(events, **fields):
        stored = put(events, **fields)
        tries.append(1)
        if len(tries) == 1:
            elsewhere(leaving.delete_conversations, bot, old)
        return stored

    monkeypatch.setattr(storing, "store", put_while_it_is_deleted)

    receipt = receiving.store([prepared(keeper, name="b", conversation_id="new")], keeper=keeper)

    assert (receipt.accepted, len(tries)) == (1, 2)
    assert Turn.objects.get().distinct_text == Text.objects.get()


def elsewhere(function, *args):
    """Have another connection do it, at once and for good."""

    def done():
        try:
            return function(*args)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(done).result(20)


def test_every_event_changes_its_conversation(bot):
    """So that signals that were found before it came are not taken for the last word."""
    keeper = keeper_of(bot)
    receiving.store([prepared(keeper, name="a")], keeper=keeper)
    first = Conversation.objects.get()

    receiving.store([prepared(keeper, name="b")], keeper=keeper)

    again = Conversation.objects.get()
    assert again.changes > first.changes
    assert again.due_since == first.due_since  # it has waited since then


@pytest.mark.parametrize("later", [False, True])
def test_an_abandoned_conversation_is_open_again_when_it_goes_on(bot, later):
    keeper = keeper_of(bot)
    receiving.store([prepared(keeper, name="a", timestamp=NOON.isoformat())], keeper=keeper)
    Conversation.objects.update(outcome="abandoned")
    at = NOON + timedelta(seconds=1 if later else 0)

    receiving.store([prepared(keeper, name="b", timestamp=at.isoformat())], keeper=keeper)

    assert Conversation.objects.get().outcome == ("open" if later else "abandoned")


def test_an_id_that_a_bot_gives_is_never_that_of_an_event_without_one(anonymous, secret):
    send(anonymous, an_event(user_input="without"), secret=secret, webhook_id="m1")

    named = send(anonymous, an_event(event_id="m1#0", user_input="with"), secret=secret)

    assert named.status_code == 202


def test_a_deadlock_is_tried_again(bot, monkeypatch):
    class Deadlock(OperationalError):
        sqlstate = "40P01"

    put, tries = storing.store, []

    def put_at_the_second_try(events, **fields):
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError from Deadlock()
        return put(events, **fields)

    monkeypatch.setattr(storing, "store", put_at_the_second_try)
    keeper = keeper_of(bot)

    receipt = receiving.store([prepared(keeper)], keeper=keeper)

    assert (receipt.accepted, len(tries)) == (1, 2)
