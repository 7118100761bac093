"""/healthz, /readyz and /metrics"""

import pytest
from redis import Redis

from jobs import beating, waking
from jobs.models import Job, Process
from learnloop.metrics import REQUEST_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody_is_there():
    for role in Process.Role:
        beating.beat(role, name=f"test-{role}")


def test_healthz_answers_anybody_and_asks_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert response.json() == {"status": "ok"}


def test_readyz_is_200_when_everything_is_there(client, everybody_is_there):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert set(response.json()["checks"].values()) == {"ok"}


def test_readyz_names_what_is_missing(client):
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["worker"] == (
        "No worker was seen lately. Start one: ./loop worker."
    )


def test_readyz_says_when_the_queue_is_away(client, everybody_is_there, monkeypatch, tmp_path):
    nobody = Redis(unix_socket_path=str(tmp_path / "nobody.sock"))
    monkeypatch.setattr(waking, "redis", lambda: nobody)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["queue"].startswith("The queue does not answer.")


def test_metrics_tell_what_waits_and_for_how_long(client):
    Job.objects.create(kind="instant")
    Job.objects.create(kind="deaf")

    text = client.get("/metrics").content.decode()

    assert 'learnloop_jobs{kind="instant",queue="quick",state="queued"} 1.0' in text
    assert 'learnloop_jobs{kind="deaf",queue="slow",state="queued"} 1.0' in text
    assert 'learnloop_queue_lag_seconds{queue="quick"}' in text
    assert 'learnloop_processes{role="worker"} 0.0' in text


def test_metrics_are_for_this_machine_alone(client):
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 403
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="10.1.2.3").status_code == 403


def test_metrics_are_for_whoever_has_the_token(client, settings):
    settings.METRICS_TOKEN = "a-token-of-some-length"

    assert client.get("/metrics").status_code == 403
    shown = client.get("/metrics", HTTP_AUTHORIZATION="Bearer a-token-of-some-length")
    assert shown.status_code == 200


def test_probes_are_answered_whatever_host_they_ask_for(client, everybody_is_there):
    assert client.get("/readyz", HTTP_HOST="10.1.2.3:8000").status_code == 200
    assert client.get("/login/", HTTP_HOST="10.1.2.3:8000").status_code == 400


def test_a_made_up_method_is_not_a_figure_of_its_own(client):
    client.generic("BREW", "/login/")

    assert "BREW" not in str(list(REQUEST_SECONDS.collect()))
    assert "other" in str(list(REQUEST_SECONDS.collect()))
