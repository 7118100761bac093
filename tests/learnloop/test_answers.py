"""What every answer carries."""

import json
import logging
import re
import sys

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError

from accounts import keys
from learnloop.logging import logging_config

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/login/", "/healthz", "/nowhere/", "/jobs/"])
def test_every_answer_has_the_strict_headers(client, path):
    response = client.get(path)

    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"unsafe|\*|https?:", policy)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


def test_a_page_that_breaks_says_so_in_words_and_keeps_its_headers(client, monkeypatch):
    from learnloop import health

    def broken():
        raise RuntimeError("a secret of the inside")

    monkeypatch.setitem(health.CHECKS, "database", broken)
    client.raise_request_exception = False

    response = client.get("/readyz")

    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "secret" not in response.content.decode()
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_an_answer_names_the_request_as_the_log_does(client, caplog):
    with caplog.at_level(logging.INFO):
        response = client.get("/login/?next=/jobs/")

    events = [r.msg for r in caplog.records if isinstance(r.msg, dict)]
    (finished,) = [event for event in events if event["event"] == "request_finished"]
    assert finished["request_id"] == response["X-Request-ID"]


def test_the_log_leaves_out_what_people_searched_for(client, caplog):
    with caplog.at_level(logging.INFO):
        client.get("/login/?q=my+secret+words")

    assert "secret+words" not in caplog.text


def test_a_log_line_is_one_json_object():
    logger = logging.getLogger("learnloop.test")
    handler = logging.StreamHandler()
    formatter = logging_config(level="INFO", as_json=True)["formatters"]["line"]
    handler.setFormatter(formatter["()"](*(), **{k: v for k, v in formatter.items() if k != "()"}))
    record = logger.makeRecord("learnloop.test", logging.INFO, "f", 1, "two\nlines", (), None)

    line = json.loads(handler.format(record))

    assert (line["event"], line["level"]) == ("two\nlines", "info")


def test_a_form_address_that_is_opened_like_a_page_explains_itself(as_engineer, bot):
    response = as_engineer.get("/jobs/1/cancel/")

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "only for sending a form" in response.content.decode()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nowhere", 404, "not_found"),
        ("get", "/api/", 404, "not_found"),
        ("delete", "/api/v1/key", 405, "method_not_allowed"),
    ],
)
def test_the_api_says_no_in_one_shape_only(client, method, path, status, code):
    response = getattr(client, method)(path)

    assert response.status_code == status
    assert response.json()["error"]["code"] == code
    assert response.json()["request_id"] == response["X-Request-ID"]


def test_a_break_inside_the_api_keeps_its_shape(client, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(keys, "recognise", broken)
    client.raise_request_exception = False

    response = client.get("/api/v1/key", HTTP_AUTHORIZATION="Bearer ll_x_y")

    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal_server_error"
    assert "secret" not in response.content.decode()


def test_the_log_of_a_break_has_no_local_variables():
    logger = logging.getLogger("learnloop.test")
    formatter = logging_config(level="INFO", as_json=True)["formatters"]["line"]
    shaped = formatter["()"](**{k: v for k, v in formatter.items() if k != "()"})
    try:
        password = " ".join(["hunter2", "and", "more"])
        raise ValueError("broken")
    except ValueError:
        record = logger.makeRecord("t", logging.ERROR, "f", 1, "oh", (), sys.exc_info())

    line = shaped.format(record)

    assert "ValueError" in line
    assert password not in line


def test_the_log_names_the_peer_and_not_what_a_client_claims(client, caplog):
    with caplog.at_level(logging.INFO):
        client.get("/login/", HTTP_X_FORWARDED_FOR="6.6.6.6", REMOTE_ADDR="10.0.0.9")

    events = [r.msg for r in caplog.records if isinstance(r.msg, dict)]
    (finished,) = [event for event in events if event["event"] == "request_finished"]
    assert finished["ip"] == "10.0.0.9"


@pytest.mark.parametrize("path", ["/login/", "/api/v1/key"])
def test_a_database_that_is_away_is_503_and_says_when_to_come_back(client, monkeypatch, path):
    def away(*_, **__):
        raise OperationalError("connection refused")

    monkeypatch.setattr(SessionStore, "load", away)
    monkeypatch.setattr(keys, "recognise", away)
    client.cookies["sessionid"] = "x" * 32
    client.raise_request_exception = False

    response = client.get(path, HTTP_AUTHORIZATION="Bearer ll_x_y")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "does not answer" in response.content.decode()
    assert "script-src 'self'" in response["Content-Security-Policy"]
