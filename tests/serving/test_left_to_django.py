"""What the fast path leaves to Django: done once, counted once, and under one id."""

import pytest
import structlog
from django.db import OperationalError

from serving.api.keyed import BROKE
from serving.callers import CALLERS
from serving.loading import VERSIONS
from serving.models import Prediction
from tests.serving.asking import ADDRESS, TURN, post
from tests.serving.live import go_live, make_version


def test_who_asks_too_fast_is_left_to_django(known, settings):
    settings.PREDICT_RATE = 3

    answers = [known.ask(TURN) for _ in range(8)]

    assert None in answers
    assert Prediction.objects.count() == 8 - answers.count(None)


def test_what_is_left_to_django_is_counted_once(known, as_bot, settings, clock_stands):
    settings.PREDICT_RATE = 3
    known.ask(TURN | {"event_id": "e-1"})
    other = TURN | {"text": "other", "event_id": "e-1"}

    assert known.ask(other) is None
    assert post(as_bot, other, **known.told).status_code == 409

    assert known.ask(TURN) is not None
    assert known.ask(TURN) is None
    assert post(as_bot, TURN, **known.told).status_code == 429


def test_what_was_stored_is_not_said_to_be_too_much(
    line, as_bot, bot, admin, artifact, settings, clock_stands
):
    early = TURN | {"event_id": "early"}
    assert post(as_bot, early).status_code == 409
    go_live(make_version(bot, artifact), by=admin)
    line.learn(post(as_bot, TURN))
    before = Prediction.objects.count()
    sent = {"turns": [early, TURN | {"text": "refund please", "event_id": "new"}]}

    assert line.ask(sent) is None
    settings.PREDICT_RATE = 0  # others took all the places that were left

    assert Prediction.objects.count() - before == 1
    assert post(as_bot, sent).status_code == 429
    assert post(as_bot, sent, **line.told).status_code == 409


def test_the_first_question_after_a_promotion_counts_once(
    as_bot, bot, live, admin, artifact, settings, clock_stands
):
    settings.PREDICT_RATE = 2
    assert post(as_bot, TURN).status_code == 200
    newer = make_version(bot, artifact)
    go_live(newer, by=admin)

    assert post(as_bot, TURN).json()["model_version"] == newer.number
    assert post(as_bot, TURN).status_code == 429


def test_a_conflict_is_found_once(known, as_bot, django_assert_num_queries):
    known.ask(TURN | {"event_id": "e-1"})
    other = {"turns": [TURN | {"event_id": "e-2"}, TURN | {"text": "other", "event_id": "e-1"}]}
    assert known.ask(other) is None

    with django_assert_num_queries(0):
        response = post(as_bot, other, **known.told)

    assert response.status_code == 409
    assert response.json()["error"]["field"] == "turns.1.event_id"
    assert Prediction.objects.count() == 1


def test_a_batch_is_stored_once_whoever_answers_it(line, as_bot, bot, admin, artifact):
    early = TURN | {"event_id": "early"}
    assert post(as_bot, early).status_code == 409
    go_live(make_version(bot, artifact), by=admin)
    line.learn(post(as_bot, TURN))
    before = Prediction.objects.count()
    sent = {"turns": [early, TURN | {"text": "refund please"}]}

    assert line.ask(sent) is None
    assert post(as_bot, sent).status_code == 409
    assert Prediction.objects.count() - before == 1


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("gone"), 503), (RuntimeError("a mistake of ours"), 500)]
)
def test_what_it_broke_by_is_said_and_not_done_again(known, as_bot, error, status):
    as_bot.raise_request_exception = False
    response = as_bot.post(ADDRESS, TURN, "application/json", **{BROKE: error})

    assert response.status_code == status
    assert response.json()["error"]["message"]
    assert response["X-Request-ID"]
    assert not Prediction.objects.exists()
    assert structlog.contextvars.get_contextvars() == {}


def test_what_is_left_to_django_has_one_id_in_the_log(known, as_bot):
    known.ask(TURN | {"event_id": "e-1"})
    other = TURN | {"event_id": "e-1", "text": "other"}
    assert known.ask(other) is None
    in_the_log = structlog.contextvars.get_contextvars()["request_id"]

    assert post(as_bot, other)["X-Request-ID"] == in_the_log
    assert post(as_bot, other)["X-Request-ID"] != in_the_log


def test_nobody_waits_on_it_for_a_version_to_be_read(known, as_bot, bot, admin, artifact):
    go_live(make_version(bot, artifact), by=admin)
    post(as_bot, TURN)
    CALLERS.forget()
    VERSIONS.forget_all()

    assert known.ask(TURN) is None
    assert not VERSIONS._coming


@pytest.mark.parametrize("error", [OperationalError("gone"), RuntimeError("a mistake of ours")])
def test_whatever_breaks_is_for_django_to_say(known, monkeypatch, error):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr("serving.predicting.predict", broken)

    with pytest.raises(type(error)):
        known.ask(TURN)
