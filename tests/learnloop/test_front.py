"""The web server as it runs: learnloop/front.py and bridge.py on granian."""

import re

import pytest

from tests.ingest.served import served, web  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


def test_a_file_is_sent_whole(served):  # noqa: F811
    page = served.ask("GET", "/login/").text
    address = re.search(r'/static/styles/tables[^"]*css', page).group()

    answer = served.ask("GET", address)

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert len(answer.text.encode()) == int(answer.headers["content-length"])


def test_a_large_file_is_sent_whole(served):  # noqa: F811
    answer = served.ask("GET", "/static/vendor/htmx.min.js")

    assert answer.status == 200
    assert len(answer.text.encode()) == int(answer.headers["content-length"]) > 10_000


def test_an_unchanged_file_is_not_sent_again(served):  # noqa: F811
    page = served.ask("GET", "/login/").text
    address = re.search(r'/static/styles/tables[^"]*css', page).group()
    first = served.ask("GET", address)

    again = served.ask(
        "GET", address, headers={"if-modified-since": first.headers["last-modified"]}
    )

    assert (again.status, again.text) == (304, "")


def test_a_head_has_no_body(served):  # noqa: F811
    assert served.ask("HEAD", "/healthz").text == ""


def test_an_address_in_any_script_is_read_as_utf_8(served):  # noqa: F811
    assert served.ask("GET", "/%D9%85%D8%B1%D8%AD%D8%A8%D8%A7/").status in (302, 404)


def test_cookies_are_set_one_by_one(served):  # noqa: F811
    assert "csrftoken" in served.ask("GET", "/login/").headers["set-cookie"]


def test_a_header_with_an_underscore_is_not_taken_for_another(served):  # noqa: F811
    body = b"{}"
    signed = served.signed(body)
    underscored = {name.replace("-", "_"): value for name, value in signed.items()}

    answer = served.ask(
        "POST",
        f"/api/v1/events?bot={served.bot.slug}",
        body,
        {**underscored, "content-type": "application/json"},
    )

    assert answer.error[:2] == (401, "bad_signature")
