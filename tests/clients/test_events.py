"""clients/python: events, signed and sent until they are stored."""

import httpx
import pytest
from learnloop_client import Batch, Client, Event, Refused, Said, Unreachable

from ingest.models import Feedback, IncomingEvent, Turn
from tests.clients.lines import Unreliable, Waits

pytestmark = pytest.mark.django_db

LOST = httpx.ReadError("The connection was lost.")


@pytest.fixture
def stored(served):
    """The events that the server has written."""
    return IncomingEvent.objects.filter(bot=served.bot)


def client_of(served, **fields):
    url = f"http://127.0.0.1:{served.port}"
    return Client(url, bot=served.bot.slug, webhook_secret=served.secret.text, **fields)


def test_a_turn_and_what_was_said_of_it_are_stored(served, stored):
    turn = Event("talk-1", user_input="i lost my card", confidence=0.0, channel="web")
    opinion = Event("talk-1", kind="feedback", feedback=Said(thumb="down"), about=turn.event_id)
    with client_of(served) as client:
        receipt = client.send(turn, opinion)

    assert (receipt.accepted, receipt.duplicates) == (2, 0)
    kept = Turn.objects.get(conversation__name="talk-1")
    assert (kept.text, kept.confidence) == ("i lost my card", 0.0)
    assert Feedback.objects.get(conversation__name="talk-1").about == kept.pk


def test_an_answer_that_got_lost_is_asked_for_again_under_the_same_id(served, stored):
    line, waits = Unreliable(LOST, LOST), Waits()
    with client_of(served, transport=line, retry=waits.retry()) as client:
        receipt = client.send(Event("talk-2", user_input="hello"), Event("talk-2", kind="closed"))

    assert (receipt.accepted, receipt.duplicates) == (0, 2)
    assert len({request.headers["webhook-id"] for request in line.requests}) == 1
    assert len(waits) == 2
    assert stored.filter(conversation__name="talk-2").count() == 2


def test_the_server_is_given_the_time_that_it_asks_for(served, stored):
    line = Unreliable(httpx.Response(503, headers={"retry-after": "7"}), httpx.Response(429))
    waits = Waits()
    with client_of(served, transport=line, retry=waits.retry(first=0.5)) as client:
        receipt = client.send(Event("talk-3", user_input="hello"))

    assert receipt.accepted == 1
    assert 7 <= waits[0] <= 7.5
    assert 0 <= waits[1] <= 1


def test_patience_ends(served):
    line, waits = Unreliable(*[httpx.Response(503)] * 3), Waits()
    with (
        client_of(served, transport=line, retry=waits.retry(attempts=3)) as client,
        pytest.raises(Unreachable, match="3 attempts: the server answered 503"),
    ):
        client.send(Event("talk-4", user_input="hello"))

    assert len(waits) == 2


def test_what_the_server_refuses_is_not_sent_again(served):
    line = Unreliable()
    with client_of(served, transport=line) as client, pytest.raises(Refused) as refused:
        client.send(Event("talk-5", user_input="hello", confidence=2.0))

    assert (refused.value.status, refused.value.code) == (422, "invalid")
    assert refused.value.field == "confidence"
    assert len(line.requests) == 1


def test_more_than_a_request_holds_is_sent_in_several(served, stored):
    line = Unreliable()
    with client_of(served, transport=line) as client:
        events = (Event(f"many-{n}", user_input=f"number {n}") for n in range(1203))
        receipt = client.send_all(events)

    assert receipt.accepted == 1203
    assert len(line.requests) == 2
    assert stored.filter(conversation__name__startswith="many-").count() == 1203


def test_a_batch_sends_when_it_is_full_or_old_or_left(served, stored):
    line = Unreliable()
    with client_of(served, transport=line) as client:
        with Batch(client, most=3, seconds=3600) as batch:
            for n in range(7):
                batch.add(Event(f"few-{n}", user_input="hello"))
            assert (len(line.requests), len(batch)) == (2, 1)
        Batch(client, seconds=0).add(Event("few-7", user_input="hello"))

    assert len(line.requests) == 4
    assert stored.filter(conversation__name__startswith="few-").count() == 8


def test_what_a_batch_could_not_send_goes_with_the_next_attempt(served, stored):
    line, waits = Unreliable(LOST), Waits()
    with client_of(served, transport=line, retry=waits.retry(attempts=1)) as client:
        batch = Batch(client, most=1)
        with pytest.raises(Unreachable):
            batch.add(Event("again-1", user_input="hello"))
        receipt = batch.send()

    assert receipt.duplicates == 1  # the answer was lost, the event was not
    assert stored.filter(conversation__name="again-1").count() == 1


def test_a_secret_that_is_none_is_told_at_once():
    with pytest.raises(ValueError, match="whsec_"):
        Client("http://127.0.0.1", webhook_secret="whsec_not base64!")
