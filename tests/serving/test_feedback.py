"""POST /api/v1/feedback"""

from uuid import uuid4

import pytest

from ingest.models import Conversation, Feedback, Signal, Turn
from ingest.signalling import find_signals
from serving import taking_in
from tests.factories import make_key
from tests.roles import with_key

ADDRESS = "/api/v1/feedback"


@pytest.fixture
def say(as_bot):
    def say(**fields):
        return as_bot.post(ADDRESS, fields, content_type="application/json")

    return say


@pytest.fixture
def predicted(ask, live):
    return ask().json()["prediction_id"]


def test_an_opinion_of_a_prediction_is_one_of_its_turn(say, predicted, bot):
    response = say(prediction_id=predicted, thumb="down", comment="call me: 202-555-0123")
    taking_in.take_in(bot)
    find_signals(bot)

    said = Feedback.objects.get()
    assert (response.status_code, response.json()) == (202, {"status": "accepted"})
    assert (str(said.about), said.thumb, said.comment) == (predicted, "down", "call me: ⟨phone⟩")
    assert Signal.objects.filter(kind="thumbs_down").get().turn == Turn.objects.get()
    assert Conversation.objects.get().name == "c-1"


def test_it_can_be_of_a_conversation(say, bot):
    say(conversation_id="c-9", about="e-1", rating=1)

    said = Feedback.objects.get()
    assert (said.conversation.name, said.rating) == ("c-9", 1)
    assert said.about is not None


def test_a_person_may_have_taken_over(say, predicted):
    response = say(prediction_id=predicted, escalated=True, reported=True)

    assert response.status_code == 202
    assert Conversation.objects.get().outcome == "escalated"
    assert Feedback.objects.get().reported


def test_the_same_of_one_prediction_is_the_same(say, predicted):
    answers = [say(prediction_id=predicted, thumb="up") for _ in range(2)]
    other = say(prediction_id=predicted, thumb="down")

    assert [answer.status_code for answer in answers] == [202, 200]
    assert answers[1].json() == {"status": "duplicate"}
    assert other.status_code == 202
    assert Feedback.objects.count() == 2


def test_what_has_an_id_is_that_for_ever(say, predicted):
    say(prediction_id=predicted, thumb="up", feedback_id="f-1")

    again = say(prediction_id=predicted, thumb="up", feedback_id="f-1")
    other = say(prediction_id=predicted, thumb="down", feedback_id="f-1")

    assert (again.status_code, other.status_code) == (200, 409)
    assert other.json()["error"]["field"] == "feedback_id"


def test_nobody_has_a_say_in_predictions_of_another_bot(predicted, other_bot, other_admin):
    key = make_key(other_bot, by=other_admin, scopes=["feedback"])

    response = with_key(key.token).post(
        ADDRESS, {"prediction_id": predicted, "thumb": "up"}, content_type="application/json"
    )

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "unknown_prediction"
    assert not Feedback.objects.exists()


UNUSABLE = [
    ({"thumb": "up"}, "prediction_id"),
    ({"conversation_id": "c"}, "thumb"),
    ({"conversation_id": "c", "thumb": "sideways"}, "thumb"),
    ({"conversation_id": "c", "rating": 6}, "rating"),
    ({"conversation_id": "c", "rating": True}, "rating"),
    ({"conversation_id": "c", "escalated": "yes"}, "escalated"),
    ({"prediction_id": "7", "thumb": "up"}, "prediction_id"),
]


@pytest.mark.parametrize(("sent", "field"), UNUSABLE)
def test_what_cannot_be_used_is_refused_with_its_field(say, bot, sent, field):
    response = say(**sent)

    assert (response.status_code, response.json()["error"]["field"]) == (422, field)


def test_what_is_said_of_no_prediction_is_not_found(say, bot):
    assert say(prediction_id=str(uuid4()), thumb="up").status_code == 404
