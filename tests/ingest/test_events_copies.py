"""POST /api/v1/events: what came before, and what comes fifty times at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ingest.models import Conversation, Delivery, IncomingEvent, Text, Turn
from tests.ingest.sending import an_event
from tests.ingest.served import read_answer

pytestmark = pytest.mark.django_db
AT_ONCE = 50


def all_at_once(served, requests):
    """The answers to requests that are under way at the same time."""
    barrier = Barrier(len(requests))

    def sent(request):
        with served.connect() as connection:
            barrier.wait()
            connection.sendall(request)
            return read_answer(connection)

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(sent, requests))


def statuses(answers):
    return Counter(answer.status for answer in answers)


def test_of_fifty_copies_at_once_one_is_accepted(served):
    copy = served.request(an_event(conversation_id="copies"), webhook_id="copies")

    answers = all_at_once(served, [copy] * AT_ONCE)

    conversation = Conversation.objects.get(name="copies")
    assert statuses(answers) == {202: 1, 200: AT_ONCE - 1}
    assert conversation.turn_count == conversation.turns.count() == 1
    assert Delivery.objects.count() == 1


def test_of_fifty_copies_of_a_batch_at_once_one_is_accepted(served):
    batch = {"events": [an_event(conversation_id=f"batch-{number}") for number in range(20)]}
    copy = served.request(batch, webhook_id="batch")

    answers = all_at_once(served, [copy] * AT_ONCE)

    assert statuses(answers) == {202: 1, 200: AT_ONCE - 1}
    assert Turn.objects.filter(conversation__name__startswith="batch-").count() == 20
    assert sum(answer.json["accepted"] for answer in answers) == 20


def test_of_fifty_deliveries_with_one_event_at_once_one_is_accepted(served):
    event = an_event(event_id="one", conversation_id="one")

    answers = all_at_once(served, [served.request(event) for _ in range(AT_ONCE)])

    assert statuses(answers) == {202: 1, 200: AT_ONCE - 1}
    assert Conversation.objects.get(name="one").turn_count == 1


def test_batches_that_overlap_in_every_order_at_once_store_each_event_once(served):
    events = [
        an_event(event_id=f"overlap-{number}", conversation_id=f"overlap-{number % 7}")
        for number in range(30)
    ]
    cut = [events[start:] + events[:start] for start in range(30)]
    cut += [events[::-1][start : start + 15] for start in range(20)]

    answers = all_at_once(served, [served.request({"events": some}) for some in cut])

    conversations = Conversation.objects.filter(name__startswith="overlap-")
    assert set(statuses(answers)) <= {200, 202}
    assert sum(answer.json["accepted"] for answer in answers) == 30
    assert sum(each.turn_count for each in conversations) == 30
    assert IncomingEvent.objects.filter(conversation__in=conversations).count() == 30


def test_fifty_new_turns_of_one_conversation_at_once_are_all_counted(served):
    requests = [
        served.request(an_event(conversation_id="busy", user_input="yes", channel=f"c{number}"))
        for number in range(AT_ONCE)
    ]

    answers = all_at_once(served, requests)

    assert statuses(answers) == {202: AT_ONCE}
    assert Conversation.objects.get(name="busy").turn_count == AT_ONCE
    assert Text.objects.filter(text="yes").count() == 1


def test_fifty_other_bodies_under_one_id_at_once_store_one(served):
    requests = [
        served.request(an_event(conversation_id="clash", user_input=f"v{n}"), webhook_id="clash")
        for n in range(AT_ONCE)
    ]

    answers = all_at_once(served, requests)

    assert statuses(answers) == {202: 1, 409: AT_ONCE - 1}
    assert Conversation.objects.get(name="clash").turn_count == 1
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.error == (409, "id_conflict", None)
