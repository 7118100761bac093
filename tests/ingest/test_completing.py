"""What a bot says later of a turn that was predicted: POST /api/v1/events with a prediction_id."""

from itertools import permutations

import pytest

from ingest import storing
from ingest.models import Completion, Conversation, Feedback, IncomingEvent, Turn
from tests.factories import make_conversation
from tests.ingest.sending import an_event, send

AT = "2026-05-09T14:02:1{}Z"


@pytest.fixture
def predicted(anonymous, secret):
    """A turn as a prediction leaves it."""
    event = an_event(event_id="p", intent_detected="card_lost", confidence=0.9)
    send(anonymous, event, secret=secret)
    return Turn.objects.get()


def said_of(turn, **fields):
    return {"conversation_id": "c-1", "prediction_id": str(turn.pk)} | fields


def test_an_event_with_a_prediction_completes_its_turn(anonymous, secret, predicted):
    said = said_of(predicted, bot_response="It is blocked.", latency_ms=40)

    response = send(anonymous, said, secret=secret)

    turn = Turn.objects.get()
    assert response.status_code == 202
    assert (turn.response, turn.latency_ms) == ("It is blocked.", 40)
    assert (turn.text, turn.intent, turn.confidence) == ("i lost my card", "card_lost", 0.9)
    assert Conversation.objects.get().turn_count == 1
    assert Conversation.objects.get().due_since is not None


def test_it_may_have_the_event_id_of_the_prediction(anonymous, secret, predicted):
    said = said_of(predicted, event_id="p", error_message="It timed out.")

    answers = [send(anonymous, said, secret=secret).status_code for _ in range(2)]

    assert answers == [202, 200]
    assert Turn.objects.get().error == "It timed out."


SAID = (
    {"event_id": "1", "timestamp": AT.format(1), "bot_response": "First.", "latency_ms": 1},
    {"event_id": "2", "timestamp": AT.format(2), "intent_detected": "refund", "confidence": 0.4},
    {"event_id": "3", "timestamp": AT.format(3), "bot_response": "Last.", "error_message": "No."},
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_gives_the_same_turn(anonymous, secret, predicted, order):
    for place in order:
        send(anonymous, said_of(predicted, **SAID[place]), secret=secret)

    turn = Turn.objects.get()
    assert (turn.response, turn.error, turn.latency_ms) == ("Last.", "No.", 1)
    assert (turn.intent, turn.confidence) == ("refund", 0.4)


def test_what_came_before_the_turn_is_found_by_it(anonymous, secret, predicted, bot):
    send(anonymous, said_of(predicted, bot_response="It is blocked."), secret=secret)
    Turn.objects.update(response="")

    storing.complete([predicted.pk], bot_id=bot.pk)

    assert Turn.objects.get().response == "It is blocked."


def test_nobody_completes_a_turn_of_another_conversation_or_bot(
    anonymous, secret, predicted, other_bot
):
    theirs = make_conversation(other_bot, turns=["hello"]).turns.get()
    elsewhere = said_of(predicted, conversation_id="c-2", bot_response="Mine.")

    send(anonymous, elsewhere, secret=secret)
    send(anonymous, said_of(theirs, bot_response="Mine."), secret=secret)

    assert not Turn.objects.filter(response="Mine.").exists()
    assert Completion.objects.count() == 2


def test_feedback_names_its_turn_by_the_prediction(anonymous, secret, predicted):
    said = said_of(predicted, kind="feedback", feedback={"thumb": "down"})

    send(anonymous, said, secret=secret)

    assert Feedback.objects.get().about == predicted.pk


@pytest.mark.parametrize("sent", ["", "p-1", 7, "0" * 33, "\u0000"])
def test_what_is_no_prediction_is_refused_with_its_field(anonymous, secret, sent):
    response = send(anonymous, an_event(prediction_id=sent), secret=secret)

    assert response.status_code == 422
    assert response.json()["error"]["field"] == "prediction_id"
    assert not IncomingEvent.objects.exists()
