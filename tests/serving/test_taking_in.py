"""serving/taking_in.py and choosing.py: from answers to turns, and to the queue."""

import pytest

from annotation.models import ReviewItem
from ingest import erasing, leaving
from ingest.models import Conversation, Turn
from jobs.models import Job
from serving import jobs, taking_in
from serving.models import Prediction
from serving.waking import WAKER
from tests.ingest.sending import an_event, send

OUTSIDE = "zebras quietly juggle quantum xylophones"


@pytest.fixture
def everything_trains(settings, bot):
    """No conversation falls on the audit side."""
    from ingest.models import IntakeSettings

    IntakeSettings.objects.create(bot=bot, audit_percent=0)


def test_whoever_answers_asks_for_the_job(ask, live, bot):
    WAKER._asked_at.clear()

    ask()

    assert Job.objects.get(kind=taking_in.TAKE_IN).bot == bot


def test_what_nobody_asked_for_is_found_by_the_sweeper(ask, live, bot):
    WAKER.something_waits(bot.pk, at=1e12)
    Job.objects.filter(kind=taking_in.TAKE_IN).delete()
    ask()
    assert not Job.objects.filter(kind=taking_in.TAKE_IN).exists()

    jobs.wake_what_waits()

    assert Job.objects.filter(kind=taking_in.TAKE_IN).exists()
    WAKER._asked_at.clear()


def test_an_event_that_came_before_the_turn_completes_it(ask, live, bot, anonymous, secret):
    said = ask().json()
    event = {
        "conversation_id": "c-1", "prediction_id": said["prediction_id"],
        "bot_response": "It is blocked.", "latency_ms": 12,
    }  # fmt: skip
    send(anonymous, event, secret=secret)

    taking_in.take_in(bot)

    turn = Turn.objects.get()
    assert (turn.response, turn.latency_ms) == ("It is blocked.", 12)
    assert turn.intent == said["intent"]
    assert Conversation.objects.get().turn_count == 1


def test_what_came_as_an_event_under_the_same_id_is_the_turn(ask, live, bot, anonymous, secret):
    send(anonymous, an_event(event_id="e-1"), secret=secret)
    ask(event_id="e-1")
    ask(event_id="e-2")

    taking_in.take_in(bot)

    assert sorted(turn.text for turn in Turn.objects.all()) == [
        "i lost my card",
        "where is my lost card",
    ]
    assert not Prediction.objects.waiting().exists()


# ── erasure ───────────────────────────────────────────────────────────────────────────


def test_who_was_erased_before_the_turn_was_made_has_none(ask, live, bot):
    ask(user_id="carla")
    erasing.bury(bot, "carla", by=None)

    taking_in.take_in(bot)

    assert not Turn.objects.exists()
    assert not Prediction.objects.exists()


def test_predictions_go_with_their_conversation_but_for_what_waits(ask, live, bot):
    ask()
    taking_in.take_in(bot)
    ask("a loan")

    leaving.delete_conversations(bot, list(Conversation.objects.values_list("pk", flat=True)))

    assert Prediction.objects.get().waiting["text"] == "a loan"


# ── the queue ─────────────────────────────────────────────────────────────────────────


def test_what_no_intent_fits_queues_by_itself(ask, live, bot, everything_trains):
    ask(OUTSIDE)
    ask("where is my lost card")

    taking_in.take_in(bot)

    item = ReviewItem.objects.get()
    assert (item.policy, item.lane) == ("novelty_clusters", "novelty")
    assert item.reasons[0].startswith("No intent of version 1 seems to fit; the nearest is")
    assert item.turn.text == OUTSIDE
    assert Prediction.objects.exclude(queued_at=None).get().pk == item.turn_id


def test_a_close_call_queues_with_both_intents(ask, live, bot, everything_trains):
    prediction = Prediction.objects.get(pk=ask().json()["prediction_id"])
    guesses = [{"intent": "refund", "confidence": 0.43}, {"intent": "loan", "confidence": 0.41}]
    Prediction.objects.filter(pk=prediction.pk).update(
        best_first=guesses, margin=0.02, out_of_scope=False
    )

    taking_in.take_in(bot)

    item = ReviewItem.objects.get()
    assert (item.policy, item.lane, item.guess) == ("margin_clusters", "selection", "refund")
    assert item.reasons == ["Version 1 hesitates between refund 0.43 and loan 0.41."]


def test_no_more_queue_than_there_is_room_for_in_an_hour(
    ask, live, bot, everything_trains, settings
):
    settings.QUEUED_AN_HOUR = 2
    for number in range(4):
        ask(f"{OUTSIDE} {number * 'wildly '}")
        taking_in.take_in(bot)

    assert ReviewItem.objects.count() == 2


def test_what_was_said_before_does_not_queue_twice(ask, live, bot, everything_trains):
    for _ in range(2):
        ask(OUTSIDE)
        taking_in.take_in(bot)

    assert ReviewItem.objects.count() == 1
    assert Prediction.objects.exclude(queued_at=None).count() == 1


def test_nothing_of_the_audit_side_is_picked(ask, live, bot):
    from ingest.models import IntakeSettings

    IntakeSettings.objects.create(bot=bot, audit_percent=50)
    for number in range(12):
        ask(f"{OUTSIDE} {number}", conversation_id=f"c-{number}")
    taking_in.take_in(bot)

    sides = {item.conversation.side for item in ReviewItem.objects.select_related("conversation")}
    assert sides <= {"train"}
