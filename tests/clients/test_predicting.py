"""clients/python: what is meant, and what users said of the answers."""

import pytest
from learnloop_client import Client, NoVersion, Question

from ingest.models import Conversation
from tests.clients.lines import Unreliable, Waits
from tests.clients.test_events import LOST
from tests.factories import make_key, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def token(served, django_db_blocker):
    with django_db_blocker.unblock():
        admin = make_member(served.bot, "admin", username="adam")
        return make_key(served.bot, by=admin, scopes=["predict", "feedback"]).token


def client_of(served, token, **fields):
    return Client(f"http://127.0.0.1:{served.port}", api_key=token, **fields)


def test_where_no_version_answers_the_turns_are_named_all_the_same(served, token):
    with client_of(served, token) as client:
        with pytest.raises(NoVersion) as one:
            client.predict("i lost my card", conversation_id="talk-1")
        with pytest.raises(NoVersion) as two:
            client.predict_all([Question("talk-1", "hello"), Question("talk-2", "hello")])

    assert one.value.status == 409
    assert len(one.value.prediction_ids) == 1
    assert len(two.value.prediction_ids) == 2


def test_feedback_that_was_lost_on_the_way_back_is_stored_once(served, token):
    line, waits = Unreliable(None, LOST), Waits()
    with client_of(served, token, transport=line, retry=waits.retry()) as client:
        with pytest.raises(NoVersion) as waiting:
            client.predict("where is it", conversation_id="talk-3")
        is_new = client.feedback(prediction_id=waiting.value.prediction_ids[0], thumb="down")

    assert is_new is False  # the first attempt had stored it
    assert len(line.requests) == 3


def test_what_needs_a_key_says_so_before_it_is_sent(served):
    with client_of(served, "") as client, pytest.raises(ValueError, match="api_key"):
        client.predict("hello", conversation_id="talk-4")

    assert not Conversation.objects.filter(bot=served.bot, name="talk-4").exists()
