"""POST /api/v1/predict"""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from ingest.models import Conversation, Turn
from serving import callers, predicting, taking_in
from serving.callers import CALLERS
from serving.models import Prediction
from tests.factories import make_key
from tests.roles import with_key
from tests.serving.asking import ADDRESS, TURN, post
from tests.serving.live import go_live, make_version

FIELDS = {
    *("prediction_id", "intent", "confidence", "alternatives", "entities", "out_of_scope"),
    *("model_version", "arm"),
}


def refusal(response):
    """(status, code, field), after a look at the shape of the body."""
    body = response.json()
    assert set(body) - {"prediction_ids"} == {"error", "request_id"}
    assert set(body["error"]) == {"code", "message", "field"}
    return response.status_code, body["error"]["code"], body["error"]["field"]


# ── answers ───────────────────────────────────────────────────────────────────────────


def test_a_text_gets_an_intent(ask, live):
    response = ask("where is my lost card")

    said = response.json()
    assert response.status_code == 200
    assert set(said) == FIELDS
    assert (said["intent"], said["out_of_scope"]) == ("card_lost", False)
    assert (said["model_version"], said["arm"]) == (live.number, "champion")
    sure = [each["confidence"] for each in said["alternatives"]]
    assert 1 >= said["confidence"] >= max(sure) >= min(sure) >= 0
    assert {each["intent"] for each in said["alternatives"]} == {"refund", "loan"}


def test_a_batch_is_answered_in_order_as_if_each_were_alone(as_bot, ask, live):
    texts = ["where is my lost card", "i cannot find my refund", "tell me about a loan today"]
    batch = {"turns": [{"conversation_id": "c-2", "text": text} for text in texts]}

    together = post(as_bot, batch).json()["predictions"]

    assert [each["intent"] for each in together] == ["card_lost", "refund", "loan"]
    for each, text in zip(together, texts, strict=True):
        alone = ask(text).json()
        assert alone["confidence"] == pytest.approx(each["confidence"], abs=1e-5)


def test_what_no_intent_fits_is_out_of_scope(ask, live):
    said = ask("zebras quietly juggle quantum xylophones").json()

    assert (said["intent"], said["out_of_scope"]) == (None, True)
    assert said["alternatives"][0]["confidence"] == said["confidence"]
    assert len(said["alternatives"]) == 3


def test_entities_are_where_they_are_in_the_text_as_sent(ask, live):
    text = "mail me@example.com and fly me to rome"

    (found,) = ask(text).json()["entities"]

    assert found == {"type": "city", "start": 34, "end": 38, "text": "rome"}
    assert "me@example.com" not in str(Prediction.objects.values().get())


def test_intents_are_called_as_they_are_now(ask, live, bot):
    called = live.run.dataset.intents.get()
    from tests.factories import make_intent

    renamed = make_intent(bot, "card_gone")
    type(called).objects.filter(pk=called.pk).update(
        name="card_lost", verdict="intent", intent=renamed
    )

    assert ask().json()["intent"] == "card_gone"


# ── what is stored ────────────────────────────────────────────────────────────────────


def test_it_is_stored_before_it_is_answered(ask, live, bot):
    said = ask(user_id="carla", channel="web").json()

    stored = Prediction.objects.get()
    assert stored.pk == UUID(said["prediction_id"])
    assert (stored.bot, stored.version, stored.arm) == (bot, live, "champion")
    assert (stored.intent, stored.confidence) == (said["intent"], said["confidence"])
    assert stored.waiting["text"] == "where is my lost card"
    assert "carla" not in str(stored.waiting)


def test_it_becomes_a_turn_of_its_conversation(ask, live, bot):
    said = ask(channel="web", language="en").json()

    assert taking_in.take_in(bot) == 1

    turn = Turn.objects.get()
    assert turn.pk == UUID(said["prediction_id"])
    assert (turn.text, turn.intent) == ("where is my lost card", said["intent"])
    assert (turn.confidence, turn.model_version) == (said["confidence"], "version 1")
    assert (turn.conversation.name, turn.conversation.channel) == ("c-1", "web")
    assert turn.conversation.turn_count == 1
    assert Prediction.objects.get().waiting is None
    assert taking_in.take_in(bot) == 0


def test_whoever_asks_once_more_gets_the_same_answer(ask, live, bot, admin, artifact):
    first = ask(event_id="e-1")
    go_live(make_version(bot, artifact), by=admin)

    again = ask(event_id="e-1")

    assert again.status_code == 200
    assert again.json() == first.json()
    assert Prediction.objects.count() == 1


@pytest.mark.parametrize("text", ["where is my lost card", "something else"])
def test_what_is_deleted_while_it_is_asked_again_is_stored_anew(
    as_bot, ask, live, monkeypatch, text
):
    first, store = ask("where is my lost card", event_id="e-1"), predicting._store

    def store_and_see_it_deleted(*args):
        monkeypatch.setattr(predicting, "_store", store)
        new = store(*args)
        Prediction.objects.all().delete()
        return new

    monkeypatch.setattr(predicting, "_store", store_and_see_it_deleted)
    again = ask(text, event_id="e-1")

    assert again.status_code == 200
    assert again.json()["prediction_id"] == first.json()["prediction_id"]
    assert Prediction.objects.get().waiting["text"] == text


def test_the_same_id_for_something_else_is_a_conflict(as_bot, ask, live):
    ask(event_id="e-1")
    turns = [
        {"conversation_id": "c-1", "text": "new", "event_id": "e-2"},
        {"conversation_id": "c-1", "text": "other", "event_id": "e-1"},
    ]

    assert refusal(ask("other", event_id="e-1")) == (409, "id_conflict", "event_id")
    batch = post(as_bot, {"turns": turns})
    assert refusal(batch) == (409, "id_conflict", "turns.1.event_id")
    assert Prediction.objects.count() == 1


def test_two_of_one_name_in_a_batch_are_one_or_a_conflict(as_bot, live):
    turn = {"conversation_id": "c-1", "text": "a loan", "event_id": "e-1"}

    same = post(as_bot, {"turns": [turn, turn]}).json()["predictions"]
    other = post(as_bot, {"turns": [turn | {"event_id": "e-2"}, turn | {"event_id": "e-2"} | {
        "text": "a refund"}]})  # fmt: skip

    assert same[0] == same[1]
    assert refusal(other) == (409, "id_conflict", "turns.1.event_id")
    assert Prediction.objects.count() == 1


# ── nobody to answer ──────────────────────────────────────────────────────────────────


def test_without_a_version_the_turn_is_kept_for_people(ask, bot, version):
    response = ask()

    stored = Prediction.objects.get()
    assert refusal(response) == (409, "no_version", None)
    assert response.json()["prediction_ids"] == [str(stored.pk)]
    taking_in.take_in(bot)
    turn = Turn.objects.get()
    assert (turn.text, turn.intent, turn.confidence) == ("where is my lost card", "", None)


def test_what_nobody_could_answer_queues(ask, bot):
    from annotation import drawing, queueing
    from annotation.models import ReviewItem
    from ingest import signalling

    ask()
    taking_in.take_in(bot)
    signalling.find_signals(bot)
    queueing.queue_due(bot)
    drawing.fill_up(bot)

    side = Conversation.objects.get().side
    assert ReviewItem.objects.get().policy == ("audit" if side == "audit" else "random")


# ── refusals ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scopes", [["feedback"], ["read"], ["feedback", "read"]])
def test_a_key_without_the_scope_is_refused(bot, admin, scopes):
    client = with_key(make_key(bot, by=admin, name="x", scopes=scopes).token)

    assert refusal(post(client, {}))[:2] == (403, "missing_scope")


def test_without_a_live_key_nobody_is_answered(anonymous, bot, admin, key):
    expired = make_key(bot, by=admin, name="x", scopes=["predict"], lasts=timedelta(days=1))
    type(expired.key).objects.filter(pk=expired.key.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now()
    )
    from accounts import keys

    keys.revoke(key.key, by=admin)

    for client in (anonymous, with_key(key.token), with_key(expired.token), with_key("ll_x")):
        assert refusal(post(client, {}))[:2] == (401, "bad_key")


UNUSABLE = [
    ({}, "conversation_id"),
    ([], None),
    ({"conversation_id": "c"}, "text"),
    (TURN | {"text": " \n"}, "text"),
    (TURN | {"text": 7}, "text"),
    (TURN | {"text": "x" * 20_001}, "text"),
    (TURN | {"conversation_id": "a\u0000"}, "conversation_id"),
    (TURN | {"event_id": "\ud800"}, "event_id"),
    (TURN | {"timestamp": 12}, "timestamp"),
    (TURN | {"timestamp": "2099-01-01T00:00:00Z"}, "timestamp"),
    ({"turns": []}, "turns"),
    ({"turns": {}}, "turns"),
    ({"turns": [TURN] * 257}, "turns"),
    ({"turns": [TURN, TURN | {"text": ""}]}, "turns.1.text"),
    ({"turns": [TURN, 3]}, "turns.1"),
]


@pytest.mark.parametrize(("sent", "field"), UNUSABLE)
def test_what_cannot_be_used_is_refused_with_its_field(as_bot, sent, field):
    import json

    response = post(as_bot, json.dumps(sent))

    assert refusal(response) == (422, "invalid", field)
    assert not Prediction.objects.exists()


@pytest.mark.parametrize(
    "body", [b" ", b"{", b"{} {}", b'{"a":1,"a":2}', b"NaN", b"\xff\xfe{\x00", b"[" * 200_000]
)
def test_what_is_no_json_is_refused(as_bot, body):
    assert refusal(post(as_bot, body)) == (400, "bad_json", None)


def test_other_requests_are_told_what_to_send(as_bot):
    not_json = as_bot.post(ADDRESS, b"a=1", content_type="text/plain")
    packed = post(as_bot, b"{}", headers={"content-encoding": "gzip"})
    large = post(as_bot, {"conversation_id": "c", "text": "x", "rest": "y" * 1024 * 1024})

    assert refusal(not_json)[:2] == refusal(packed)[:2] == (415, "not_json")
    assert refusal(large)[:2] == (413, "too_large")
    assert refusal(as_bot.get(ADDRESS))[0] == 405


def test_what_no_text_can_hold_is_replaced_and_said(as_bot, bot, live):
    response = post(as_bot, b'{"conversation_id": "c", "text": "my\\ud800 lost\\u0000 card"}')

    assert response.status_code == 200
    assert Prediction.objects.get().waiting["text"] == "my\ufffd lost\ufffd card"
    taking_in.take_in(bot)
    assert Turn.objects.get().event.mended


def test_who_asks_too_fast_is_told_when_to_go_on(ask, settings, live):
    settings.PREDICT_RATE = 3

    refused = [answer for answer in (ask() for _ in range(8)) if answer.status_code != 200]

    assert refusal(refused[0])[:2] == (429, "too_many")
    assert refused[0]["Retry-After"] == "1"
    assert Prediction.objects.count() == 8 - len(refused)


def test_one_question_takes_one_statement_and_a_second_one_now_and_then(
    ask, live, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(callers, "KEPT_FOR", 60)  # a machine may be slow to ask again
    ask()

    with django_assert_num_queries(1):
        assert ask().status_code == 200
    CALLERS.forget()
    with django_assert_num_queries(2):
        assert ask().status_code == 200


def test_a_key_that_was_revoked_a_moment_ago_is_refused(ask, live, key, admin):
    from accounts import keys

    ask()
    keys.revoke(key.key, by=admin)

    assert refusal(ask())[:2] == (401, "bad_key")
    assert Prediction.objects.count() == 1
