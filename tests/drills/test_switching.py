"""Promotions and rollbacks while everybody asks: no failed request, and nobody is left behind."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import pairwise
from typing import NamedTuple

import pytest

from tests.drills.test_intake import WebServer
from tests.factories import make_bot, make_key, make_operator
from tests.serving.live import fitted, go_live, make_version
from tests.training.conftest import artifacts_folder  # noqa: F401
from training import deploying

CLIENTS = 8
APART = 1.2  # seconds between two switches
WARM = 400  # answers, by which each process has read what may be promoted
AT_MOST = 1.0  # seconds until every process has switched


class Answered(NamedTuple):
    sent_at: float
    ended_at: float
    status: int
    version: int


def ask(port, token, until, answers):
    """Ask on one connection until it is time."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    body = json.dumps({"conversation_id": "c-1", "text": "where is my lost card"})
    while (sent_at := time.monotonic()) < until():
        connection.request("POST", "/api/v1/predict", body, headers)
        response = connection.getresponse()
        said = json.loads(response.read())
        version = said.get("model_version", 0)
        answers.append(Answered(sent_at, time.monotonic(), response.status, version))
    connection.close()


def switch(bot, versions, number, by):
    """Promote the second version, or go back to the first; when that was, and which it is."""
    if number % 2:
        live = deploying.live(bot)
        deploying.roll_back(bot, by=by, reason="Worse.", deployment_id=live.pk)
        return time.monotonic(), versions[0].number
    go_live(versions[1], by=by)
    return time.monotonic(), versions[1].number


@pytest.mark.django_db(transaction=True)
def test_everybody_is_answered_by_what_is_live(
    tmp_path,
    monkeypatch,
    full_size,
    artifacts_folder,  # noqa: F811
):
    monkeypatch.setenv("LEARNLOOP_ARTIFACTS", str(artifacts_folder))
    monkeypatch.setenv("LEARNLOOP_WEB_WORKERS", "2")
    monkeypatch.setenv("LEARNLOOP_PREDICT_RATE", "100000")
    bot, by, content = make_bot(), make_operator(), fitted()
    versions = [make_version(bot, content) for _ in range(2)]
    go_live(versions[0], by=by)
    token = make_key(bot, by=by, scopes=["predict"]).token
    times, end, answers = 20 if full_size else 4, [float("inf")], []

    with WebServer(tmp_path, monkeypatch) as web, ThreadPoolExecutor(CLIENTS) as threads:
        wait_until_it_listens(web)
        asking = [
            threads.submit(ask, web.port, token, lambda: end[0], answers) for _ in range(CLIENTS)
        ]
        while len(answers) < WARM and not any(client.done() for client in asking):
            web.run(0.1)
        switches = []
        for number in range(times):
            begun_at = time.monotonic()
            switches.append((begun_at, *switch(bot, versions, number, by)))
            web.run(APART)
        end[0] = time.monotonic()
        assert [client.result() for client in asking] == [None] * CLIENTS

    assert {answer.status for answer in answers} == {200}
    lag = max(late(answers, switches, end[0]), default=0.0)
    print(
        f"\n{times} switches, {len(answers)} answers, the last of an old version {lag:.3f} s late"
    )
    assert lag < AT_MOST


def late(answers, switches, end):
    """How long after each switch somebody still asked and was answered by another version.

    What was still under way when the next switch began may be of either.
    """
    for (_, at, version), (until, *_) in pairwise([*switches, (end, 0, 0)]):
        for answer in answers:
            if at < answer.sent_at and answer.ended_at < until and answer.version != version:
                yield answer.sent_at - at


def wait_until_it_listens(web, *, within=60):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        web.run(0.1)
        connection = HTTPConnection("127.0.0.1", web.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().read()
        except OSError:
            continue
        finally:
            connection.close()
    raise AssertionError("It does not listen.")
