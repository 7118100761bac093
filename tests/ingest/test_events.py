"""POST /api/v1/events"""

from ingest.models import Conversation, Feedback, IncomingEvent, Text, Turn
from tests.factories import make_secret
from tests.ingest.sending import an_event, send


def test_an_event_becomes_a_turn(anonymous, secret, bot):
    response = send(anonymous, an_event(channel="web", confidence=0.4), secret=secret)

    turn = Turn.objects.get()
    assert (response.status_code, response.json()) == (
        202,
        {"status": "accepted", "accepted": 1, "duplicates": 0},
    )
    assert (turn.text, turn.confidence) == ("i lost my card", 0.4)
    assert turn.conversation.name == "c-1"
    assert turn.conversation.channel == "web"
    assert turn.bot == bot
    assert turn.distinct_text.text == "i lost my card"


def test_a_copy_is_stored_once(anonymous, secret):
    send(anonymous, an_event(), secret=secret, webhook_id="m1")

    response = send(anonymous, an_event(), secret=secret, webhook_id="m1")

    assert response.status_code == 200
    assert response.json() == {"status": "duplicate", "accepted": 0, "duplicates": 1}
    assert Turn.objects.count() == 1
    assert Conversation.objects.get().turn_count == 1


def test_the_same_id_with_another_body_is_refused(anonymous, secret):
    send(anonymous, an_event(), secret=secret, webhook_id="m1")

    response = send(anonymous, an_event(user_input="other"), secret=secret, webhook_id="m1")

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "id_conflict"
    assert Turn.objects.count() == 1


def test_an_event_id_with_other_content_is_refused_with_the_whole_batch(anonymous, secret):
    send(anonymous, an_event(event_id="a"), secret=secret)
    batch = {"events": [an_event(event_id="b"), an_event(event_id="a", user_input="other")]}

    response = send(anonymous, batch, secret=secret)

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "id_conflict"
    assert response.json()["error"]["field"] == "events.1.event_id"
    assert Turn.objects.count() == 1


def test_a_refused_conflict_leaves_its_webhook_id_free(anonymous, secret):
    send(anonymous, an_event(event_id="a"), secret=secret)
    send(anonymous, an_event(event_id="a", user_input="other"), secret=secret, webhook_id="again")

    response = send(anonymous, an_event(event_id="b"), secret=secret, webhook_id="again")

    assert response.status_code == 202


def test_an_event_twice_in_a_batch_is_stored_once(anonymous, secret):
    response = send(anonymous, {"events": [an_event(event_id="a")] * 3}, secret=secret)

    assert response.json() == {"status": "accepted", "accepted": 1, "duplicates": 2}
    assert Conversation.objects.get().turn_count == 1


def test_two_contents_under_one_event_id_in_a_batch_are_refused(anonymous, secret):
    batch = {"events": [an_event(event_id="a"), an_event(event_id="a", user_input="other")]}

    response = send(anonymous, batch, secret=secret)

    assert response.status_code == 409
    assert response.json()["error"]["field"] == "events.1.event_id"
    assert not IncomingEvent.objects.exists()


def test_the_ids_of_two_bots_have_nothing_to_do_with_each_other(
    anonymous, secret, other_bot, other_admin
):
    other = make_secret(other_bot, by=other_admin)
    send(anonymous, an_event(event_id="a"), secret=secret, webhook_id="m")

    response = send(
        anonymous, an_event(event_id="a"), secret=other, bot="travel-bot", webhook_id="m"
    )

    assert response.status_code == 202
    assert Turn.objects.count() == 2
