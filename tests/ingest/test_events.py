"""POST /api/v1/events"""

import time
from datetime import UTC, datetime

import pytest

from ingest.models import Conversation, Feedback, IncomingEvent, Text, Turn
from tests.factories import make_secret
from tests.ingest.sending import an_event, send
from tests.ingest.served import slug


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


def test_a_batch_is_stored_together(anonymous, secret):
    events = [an_event(event_id=f"e-{number}", conversation_id="c-1") for number in range(1000)]

    response = send(anonymous, {"events": events}, secret=secret)

    assert (response.status_code, response.json()["accepted"]) == (202, 1000)
    assert Turn.objects.count() == 1000
    assert Conversation.objects.get().turn_count == 1000
    assert Text.objects.get().text == "i lost my card"


def test_events_without_an_id_go_by_their_delivery_and_their_place(anonymous, secret):
    batch = {"events": [an_event(), an_event()]}

    send(anonymous, batch, secret=secret, webhook_id="m1")

    assert Turn.objects.count() == 2


def test_an_event_without_a_time_happened_when_it_was_signed(anonymous, secret):
    signed_at = int(time.time()) - 200

    send(anonymous, an_event(), secret=secret, at=signed_at)

    assert Turn.objects.get().at.timestamp() == signed_at


def test_a_time_without_a_zone_is_utc(anonymous, secret):
    send(anonymous, an_event(timestamp="2026-05-09T14:02:11"), secret=secret)

    assert Turn.objects.get().at == datetime(2026, 5, 9, 14, 2, 11, tzinfo=UTC)


def test_fields_that_nobody_knows_are_passed_over(anonymous, secret):
    strange = {"__proto__": {"x": 1}, "constructor": None, "events_": [], "Intent": "x"}

    response = send(anonymous, an_event(**strange), secret=secret)

    assert response.status_code == 202


def test_every_kind_of_event_is_told_of_its_conversation(anonymous, secret):
    about = {"conversation_id": "c-1", "timestamp": "2026-05-09T14:02:11Z"}
    events = [
        an_event(**about, event_id="t-1"),
        {**about, "kind": "feedback", "about": "t-1", "feedback": {"rating": 1, "comment": "no"}},
        {**about, "kind": "escalation"},
        {**about, "kind": "closed"},
    ]

    response = send(anonymous, {"events": events}, secret=secret)

    conversation, feedback = Conversation.objects.get(), Feedback.objects.get()
    assert response.json()["accepted"] == 4
    assert (conversation.outcome, conversation.turn_count) == ("escalated", 1)
    assert conversation.escalated_at == conversation.closed_at == conversation.started_at
    assert (feedback.rating, feedback.comment) == (1, "no")
    assert feedback.about == Turn.objects.get().pk


MENDED = [
    ("user_input", b"\\u0000", "a\ufffdb"),
    ("user_input", b"\\ud800", "a\ufffdb"),
    ("user_input", b"\\uDFFF\\uD800", "a\ufffd\ufffdb"),
    ("bot_response", b"\\u0000", "a\ufffdb"),
    ("error_message", b"\\udc00", "a\ufffdb"),
]


@pytest.mark.parametrize(("field", "escape", "stored"), MENDED)
def test_what_no_text_can_hold_is_replaced_and_said(anonymous, secret, field, escape, stored):
    body = b'{"conversation_id": "c", "%s": "a%sb"}' % (field.encode(), escape)

    response = send(anonymous, body, secret=secret)

    turn = Turn.objects.get()
    texts = {"user_input": turn.text, "bot_response": turn.response, "error_message": turn.error}
    assert response.status_code == 202
    assert texts[field] == stored
    assert IncomingEvent.objects.get().mended


def test_it_is_replaced_in_a_state_an_entity_and_a_comment_too(anonymous, secret):
    body = rb"""{"events": [
        {"conversation_id": "c", "user_input": "hi", "dialog_state": {"a\ud800": ["\u0000"]},
         "entities_extracted": [{"type": "t", "value": "\u0000"}]},
        {"conversation_id": "c", "kind": "feedback", "feedback": {"comment": "\udfff"}}
    ]}"""

    response = send(anonymous, body, secret=secret)

    turn = Turn.objects.get()
    assert response.status_code == 202
    assert turn.dialog_state == {"a\ufffd": ["\ufffd"]}
    assert turn.entities == [{"type": "t", "value": "\ufffd"}]
    assert Feedback.objects.get().comment == "\ufffd"
    assert IncomingEvent.objects.filter(mended=True).count() == 2


def test_a_whole_surrogate_pair_is_one_character(anonymous, secret):
    send(anonymous, rb'{"conversation_id": "c", "user_input": "\ud83d\ude00"}', secret=secret)

    assert Turn.objects.get().text == "\U0001f600"
    assert not IncomingEvent.objects.get().mended


INERT = [
    "<script>alert(1)</script></script><img src=x onerror=alert(1)>",
    '<b hx-get="/x" hx-trigger="load" hx-on:load="x()">',
    "{{ 7 * 7 }} {% load x %} ${7*7} #{7*7}",
    "=HYPERLINK(1) +1 -1 @SUM(A1) \t=1",
    "\u202ertl\u202c \u2066x\u2069",
    "ze\u200bro wid\u200dth \ufeff",
    "p\u0430yp\u0430l",
    "e" + "\u0301" * 10_000,
    "one\r\ntwo\nthree\ttab",
    "__proto__",
    "'; DROP TABLE ingest_turn; -- %s %(rows)s %%",
    "\U0001f469\u200d\U0001f467 \uffff \U0010ffff",
    "\x01\x1b[31m\x7f\x85",
    "x" * 20_000,
]


@pytest.mark.parametrize("text", INERT, ids=lambda text: slug(ascii(text)))
def test_a_text_is_stored_as_it_is(anonymous, secret, text):
    event = an_event(user_input=text, bot_response=text, dialog_state={"__proto__": [text[:900]]})

    response = send(anonymous, event, secret=secret)

    turn = Turn.objects.get()
    assert response.status_code == 202
    assert (turn.text, turn.response) == (text, text)
    assert turn.dialog_state == {"__proto__": [text[:900]]}
    assert not IncomingEvent.objects.get().mended


@pytest.mark.parametrize("zone", ["+16:00", "-16:00", "+23:59", "-23:59"])
def test_a_zone_that_the_database_does_not_know_is_a_time_all_the_same(anonymous, secret, zone):
    sent = f"2026-05-09T14:02:11{zone}"

    assert send(anonymous, an_event(timestamp=sent), secret=secret).status_code == 202
    assert Turn.objects.get().at == datetime.fromisoformat(sent)


def test_alternatives_are_kept_best_first(anonymous, secret):
    alternatives = [{"intent": "a", "confidence": 0.1}, {"intent": "b", "confidence": 0.3}]

    send(anonymous, an_event(alternatives=alternatives), secret=secret)

    assert [each["intent"] for each in Turn.objects.get().alternatives] == ["b", "a"]


def test_numbers_of_any_size_in_a_state_are_kept(anonymous, secret):
    numbers = [2**63, -(2**70), 5e-324, 0.1, 1e20]

    response = send(anonymous, an_event(dialog_state={"n": numbers}), secret=secret)

    assert response.status_code == 202
    assert Turn.objects.get().dialog_state == {"n": numbers}


def test_who_sends_too_fast_is_told_when_to_go_on(anonymous, secret, settings):
    settings.EVENTS_RATE = 3

    answers = [send(anonymous, an_event(), secret=secret) for _ in range(8)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["error"]["code"] == "too_many"
    assert refused[0]["Retry-After"] == "1"
    assert Turn.objects.count() == 8 - len(refused) >= 3


def test_who_may_not_send_does_not_use_up_the_rate(anonymous, secret, settings, other_bot):
    settings.EVENTS_RATE = 1
    for _ in range(5):
        send(anonymous, an_event(), secret=secret, bot=other_bot.slug)

    assert send(anonymous, an_event(), secret=secret).status_code == 202


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
