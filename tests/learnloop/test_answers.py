"""What every answer carries."""

import json
import logging
import re

import pytest

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
