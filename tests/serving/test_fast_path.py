"""learnloop/fast_path.py: the plain question, without Django around it."""

import json
import re
from http.client import HTTPConnection
from types import SimpleNamespace

import pytest
import structlog

from learnloop import fast_path
from serving.loading import VERSIONS
from serving.models import Prediction
from tests.factories import make_key, make_operator
from tests.serving.asking import ADDRESS, TURN, post
from tests.serving.live import exchange, go_live, make_version
from tests.serving.test_predict import UNUSABLE
from tests.training.conftest import keep_artifacts_in

OF_ONE_ANSWER = {"prediction_id", "X-Request-ID", "x-request-id", "content-length"}


def test_it_answers_as_django_does(known, as_bot):
    turn = {"conversation_id": "c-1", "text": "fly me to rome, i lost my card"}
    by_django = post(as_bot, turn)

    status, headers, body = known.ask(turn)

    assert status == 200
    assert differing(json.loads(body), by_django.json()) == {"prediction_id"}
    of_django = {pair for pair in by_django.headers.items() if pair[0] not in OF_ONE_ANSWER}
    assert of_django == {pair for pair in headers if pair[0] not in OF_ONE_ANSWER}
    assert dict(headers)["content-length"] == str(len(body))
    assert len(dict(headers)["x-request-id"]) == 36


def test_it_stores_as_django_does(known, as_bot):
    turn = TURN | {"user_id": "carla", "channel": "web", "timestamp": "2026-01-02T03:04:05Z"}
    post(as_bot, turn)
    known.ask(turn)

    by_django, fast = (
        {name: value for name, value in row.items() if name not in ("id", "made_at")}
        for row in Prediction.objects.order_by("made_at").values()
    )
    assert fast == by_django


def test_a_batch_is_answered_too(known):
    _, _, body = known.ask({"turns": [TURN, TURN | {"text": "where is my refund"}]})

    assert len(json.loads(body)["predictions"]) == Prediction.objects.count() == 2


def test_the_first_request_of_its_kind_is_djangos(line, live):
    assert line.ask(TURN) is None
    assert not Prediction.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"host": "elsewhere.example"},
        {"content-type": "text/plain"},
        {"content-encoding": "gzip"},
        {"x-forwarded-proto": "https"},
        {"cookie": "sessionid=1"},
    ],
)
def test_headers_that_django_did_not_see_are_djangos(known, more):
    assert known.ask(TURN, **more) is None
    assert not Prediction.objects.exists()


def test_what_nobody_looks_at_may_change(known):
    assert known.ask(TURN, traceparent="00-1-2-01")


def test_an_id_for_the_log_is_ours_as_it_is_djangos(known, as_bot):
    def by_django(**more):
        return as_bot.post(ADDRESS, TURN, content_type="application/json", headers=more)

    of_django = by_django(**{"X-Request-ID": "mine-7"})["X-Request-ID"]
    fast = dict(known.ask(TURN, **{"x-request-id": "mine-7"})[1])["x-request-id"]

    assert "mine-7" not in (of_django, fast)
    assert structlog.contextvars.get_contextvars() == {}


def test_a_header_that_comes_twice_is_djangos(known):
    body = json.dumps(TURN).encode()
    twice = [*known.headers(body), ("authorization", "Bearer ll_x")]

    assert known.path.answer(known.scope, twice, body, {}) is None


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":1,"a":2}', b"\xff", b"[1]", *UNUSABLE])
def test_what_django_refuses_is_left_to_it(known, body):
    sent = body if isinstance(body, bytes) else body[0]

    assert known.ask(sent) is None
    assert not Prediction.objects.exists()


@pytest.mark.parametrize("shown", ["", "Bearer", "Basic eDp5", "Bearer ll_x", "Bearer \xe9"])
def test_no_key_is_djangos(known, shown):
    assert known.ask(TURN, authorization=shown) is None


def test_a_revoked_key_and_one_without_the_scope_are_djangos(known, bot, key, admin):
    from accounts import keys

    other = make_key(bot, by=admin, scopes=["feedback"])
    assert known.ask(TURN, authorization=f"Bearer {other.token}") is None
    assert known.ask(TURN)  # is kept for a second
    keys.revoke(key.key, by=admin)
    assert known.ask(TURN) is None
    assert Prediction.objects.count() == 1


def test_an_id_for_something_else_is_djangos(known):
    turn = TURN | {"event_id": "e-1"}
    first, again = known.ask(turn), known.ask(turn)

    assert again[2] == first[2]
    assert known.ask(turn | {"text": "other"}) is None
    assert Prediction.objects.count() == 1


def test_a_promotion_counts_from_the_next_question(known, as_bot, bot, admin, artifact):
    known.ask(TURN)
    newer = make_version(bot, artifact)
    go_live(newer, by=admin)

    assert known.ask(TURN) is None  # it is not the live one any more
    assert post(as_bot, TURN).json()["model_version"] == newer.number
    assert json.loads(known.ask(TURN)[2])["model_version"] == newer.number


def test_no_version_that_verifies_is_djangos(known, live):
    VERSIONS.forget_all()
    exchange(live)

    assert known.ask(TURN) is None
    assert not Prediction.objects.exists()


@pytest.mark.parametrize(
    ("status", "more"), [(409, {}), (503, {}), (202, {}), (200, {"Set-Cookie": "a=b"})]
)
def test_only_what_went_well_is_learned(line, live, status, more):
    headers = line.headers()
    line.path.learn(
        line.scope, headers, status, [("Content-Type", "application/json"), *more.items()]
    )

    assert line.ask(TURN) is None


def test_it_keeps_few_sets_of_headers(known):
    for number in range(fast_path.MOST_KNOWN + 10):
        headers = known.headers(**{"user-agent": f"bot {number}"})
        known.path.learn(known.scope, headers, 200, [])

    assert len(known.path._known) <= fast_path.MOST_KNOWN
    assert known.ask(TURN, **{"user-agent": f"bot {fast_path.MOST_KNOWN + 9}"})


@pytest.mark.parametrize(
    "elsewhere", [{"path": "/api/v1/feedback"}, {"method": "GET"}, {"query_string": "a=1"}]
)
def test_other_requests_are_not_asked_about(line, elsewhere):
    assert line.path.leads_there(line.scope)
    assert not line.path.leads_there(SimpleNamespace(**vars(line.scope) | elsewhere))


def test_it_is_timed_under_the_same_route(known):
    from prometheus_client import REGISTRY

    def count():
        labels = {"method": "POST", "route": "api:predict", "status": "200"}
        return REGISTRY.get_sample_value("learnloop_request_seconds_count", labels)

    before = count()
    known.ask(TURN)

    assert count() == before + 1


def test_it_takes_one_statement(known, django_assert_num_queries, monkeypatch):
    from serving import callers

    monkeypatch.setattr(callers, "KEPT_FOR", 60)
    known.ask(TURN)

    with django_assert_num_queries(1):
        assert known.ask(TURN)


@pytest.fixture
def asking(served, settings, django_db_blocker, artifact):  # noqa: F811
    """Ask a real server that has a version, on one connection: status, headers and body."""
    keep_artifacts_in(served.artifacts, settings)
    with django_db_blocker.unblock():
        by = make_operator("deploys")
        token = make_key(served.bot, by=by, scopes=["predict"]).token
        go_live(make_version(served.bot, artifact), by=by)
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    connection = HTTPConnection("127.0.0.1", served.port, timeout=30)

    def ask(sent):
        connection.request("POST", ADDRESS, json.dumps(sent), headers)
        answer = connection.getresponse()
        lower = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, lower, json.loads(answer.read())

    yield ask
    connection.close()


def test_on_a_real_server_both_ways_answer_alike(asking, served):  # noqa: F811
    def answered_fast():
        figures = served.ask("GET", "/metrics").text
        return float(re.search(r"^learnloop_fast_answers_total (\S+)$", figures, re.M).group(1))

    first = asking(TURN)
    before = answered_fast()
    second, refused, third = asking(TURN), asking({}), asking(TURN)

    assert answered_fast() == before + 2
    assert (refused[0], refused[2]["error"]["code"]) == (422, "invalid")
    assert len({headers["x-request-id"] for _, headers, _ in (first, second, third)}) == 3
    for status, headers, body in (second, third):
        assert status == first[0] == 200
        assert headers.keys() == first[1].keys()
        assert OF_ONE_ANSWER | {"date"} >= differing(headers, first[1])
        assert differing(body, first[2]) == {"prediction_id"}


def differing(mine, theirs):
    return {name for name in mine if mine[name] != theirs[name]}
