"""POST /api/v1/events: what is refused before anybody reads the JSON, on real sockets."""

import json
import time
from contextlib import ExitStack

import pytest

from ingest.models import Delivery
from tests.ingest.sending import ADDRESS, an_event, as_body
from tests.ingest.served import read_answer, slug

pytestmark = pytest.mark.django_db

BODY = as_body(an_event())
KIB, MIB = 1024, 1024 * 1024


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_only_post_is_taken(served, method):
    answer = served.ask(method, f"{ADDRESS}?bot=bank-bot", headers=served.signed(b""))

    assert answer.error == (405, "method_not_allowed", None)
    assert answer.headers["allow"] == "POST"


def test_a_body_in_chunks_is_refused(served):
    chunked = served.request(b"", headers=[("transfer-encoding", "chunked")])

    answer = served.raw(chunked + b"2\r\n{}\r\n0\r\n\r\n")

    assert answer.error == (411, "length_needed", None)


def test_a_body_without_a_length_is_refused(served):
    answer = served.raw(served.request(b"", headers=[]))

    assert answer.error == (411, "length_needed", None)


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "9" * 30, "5, 6"], ids=slug)
def test_a_length_that_is_no_number_never_breaks_it(served, length):
    answer = served.raw(served.request(BODY, headers=[("content-length", length)]))

    assert answer.status in (400, 413)


def padded(size, content):
    """`content` as a body of `size` bytes, filled up with a field that nobody knows."""
    rest = size - len(as_body(content | {"unknown": ""}))
    return as_body(content | {"unknown": "x" * rest})


def test_one_event_may_have_a_megabyte(served):
    assert served.send(padded(MIB, an_event())).status == 202
    assert served.send(padded(MIB + 1, an_event())).error == (413, "too_large", None)


def test_a_batch_may_have_ten(served):
    two = {"events": [an_event(), an_event(event_id="e-2")]}

    assert served.send(padded(10 * MIB, two)).status == 202


def test_a_body_that_is_announced_too_large_is_refused_before_it_comes(served):
    announced = served.request(b"", headers=[("content-length", str(10 * MIB + 1))])

    answer = served.raw(announced)

    assert answer.error == (413, "too_large", None)
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": ""},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-encoding": "gzip"},
        {"content-encoding": "br"},
    ],
    ids=lambda headers: slug(str(headers)),
)
def test_other_than_plain_json_is_refused(served, headers):
    assert served.send(BODY, headers=headers).error == (415, "not_json", None)


def test_json_with_its_charset_named_is_taken(served):
    named = {"content-type": "application/json; charset=UTF-8", "content-encoding": "identity"}

    assert served.send(BODY, headers=named).status == 202


@pytest.mark.parametrize(
    "headers", [{"x-a": "a" * 40 * KIB}, {f"x-{n}": "a" * 900 for n in range(60)}], ids=len
)
def test_headers_that_are_too_large_are_refused(served, headers):
    answer = served.send(BODY, headers=headers)

    assert answer.error == (431, "headers_too_large", None)


def test_more_headers_than_anybody_needs_are_refused(served):
    # Of these the server has an answer of its own, without words.
    answer = served.send(BODY, headers={f"x-{number}": "a" for number in range(300)})

    assert answer.status == 431


@pytest.mark.parametrize(
    "query", ["bot=bank-bot&x=%00", "bot=%ff", "bot=bank-bot&bot=bank-bot", "", "bot"], ids=slug
)
def test_no_address_breaks_it(served, query):
    answer = served.ask("POST", f"{ADDRESS}?{query}", BODY, served.signed(BODY))

    assert answer.status in (202, 400, 401)


def test_an_address_that_is_not_ascii_names_no_bot(served):
    line = served.request(BODY).replace(b"bot=bank-bot", "bot=bänk-bot".encode())

    answer = served.raw(line)

    assert answer.status in (400, 401)


def half_of_a_request(served):
    return served.request(BODY)[:-20]


def test_a_body_that_stalls_is_given_up(served):
    with served.connect() as connection:
        connection.sendall(half_of_a_request(served))
        answer = read_answer(connection)

        assert answer.error == (408, "too_slow", None)
        assert connection.recv(1) == b""


def test_fifty_bodies_that_stall_at_once_hinder_nobody(served):
    with ExitStack() as connections:
        stalled = [connections.enter_context(served.connect()) for _ in range(50)]
        for connection in stalled:
            connection.sendall(half_of_a_request(served))

        began = time.monotonic()
        answers = [served.send(an_event(event_id=f"beside-{number}")) for number in range(10)]
        took = time.monotonic() - began
        given_up = [read_answer(connection) for connection in stalled]

    print(f"\n10 events in {took:.2f} s beside 50 stalled bodies")
    assert {answer.status for answer in answers} == {202}
    assert {answer.error for answer in given_up} == {(408, "too_slow", None)}
    assert took < 1.5  # before the first of them is given up


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(served):
    before = Delivery.objects.count()
    for _ in range(20):
        with served.connect() as connection:
            connection.sendall(half_of_a_request(served))

    assert served.send(an_event(event_id="after")).status == 202
    assert Delivery.objects.count() == before + 1


def test_requests_one_after_the_other_on_one_connection(served):
    with served.connect() as connection:
        # The second is sent before the first is answered.
        connection.sendall(served.request(BODY) + served.request(BODY[:-1]))
        first = read_answer(connection)
        second = read_answer(connection)

    assert first.status == 202
    assert second.error == (400, "bad_json", None)
    assert json.loads(first.text)["accepted"] == 1
