"""Conversations for tests, stored row by row as somebody else stored them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from django.utils import timezone

from ingest.models import Conversation, Feedback, IncomingEvent, Turn
from ingest.signals import FeedbackRow, TurnRow

START = datetime(2026, 5, 9, 14, 0, tzinfo=UTC)

_numbers = count(1)


def key_number(number):
    return UUID(int=number)


def minutes(number, *, start=START):
    return start + timedelta(minutes=number)


def a_turn(at=0, **fields):
    """A TurnRow; `at` is in minutes."""
    values = {
        "id": key_number(1000 + at),
        "at": minutes(at),
        "text": "",
        "intent": "",
        "confidence": None,
        "alternatives": [],
        "error": "",
        "latency_ms": None,
    }
    return TurnRow(**(values | fields))


def an_opinion(at=0, **fields):
    """A FeedbackRow; `at` is in minutes."""
    values = {
        "id": key_number(2000 + at),
        "at": minutes(at),
        "about": None,
        "thumb": "",
        "rating": None,
        "reported": False,
    }
    return FeedbackRow(**(values | fields))


def make_conversation(bot, *, turns=(), feedback=(), start=START, **fields):
    """A stored conversation that is due. Turns and feedback are dicts; `at` is in minutes."""
    key = key_number(next(_numbers) << 64)
    values = {
        "name": f"c-{key.int >> 64}",
        "started_at": start,
        "last_at": minutes(max([each.get("at", 0) for each in (*turns, *feedback)], default=0),
                           start=start),
        "turn_count": len(turns),
        "side": "train",
        "audit_share": 0.02,
        "due_since": timezone.now(),
        "changes": 1,
    }  # fmt: skip
    conversation = Conversation.objects.create(id=key, bot=bot, **(values | fields))
    for each in turns:
        add_turn(conversation, start=start, **each)
    for each in feedback:
        add_feedback(conversation, start=start, **each)
    return conversation


def add_turn(conversation, *, at=0, start=START, key=None, **fields):
    event = _event(conversation, "turn", minutes(at, start=start), key)
    return Turn.objects.create(
        event=event, bot=conversation.bot, conversation=conversation, at=event.at, **fields
    )


def add_feedback(conversation, *, at=0, start=START, key=None, **fields):
    event = _event(conversation, "feedback", minutes(at, start=start), key)
    return Feedback.objects.create(
        event=event, bot=conversation.bot, conversation=conversation, at=event.at, **fields
    )


def _event(conversation, kind, at, key):
    key = key or key_number(next(_numbers))
    return IncomingEvent.objects.create(
        id=key, bot=conversation.bot, conversation=conversation, kind=kind, at=at, digest=key
    )
