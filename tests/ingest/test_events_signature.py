"""POST /api/v1/events: who is let in."""

import time

import pytest

from ingest.models import Delivery
from ingest.verifying import sign
from tests.ingest.sending import an_event, as_body, headers_for, key_of
from tests.ingest.served import slug

pytestmark = pytest.mark.django_db

BODY = as_body(an_event())


def signature(served, *, key=None, webhook_id="w1", timestamp=None, version="v1"):
    signed = sign(
        BODY,
        webhook_id=webhook_id,
        timestamp=int(time.time()) if timestamp is None else timestamp,
        secret=key or key_of(served.secret),
    )
    return signed.replace("v1,", f"{version},")


def named(served, name, value):
    """Headers in which one is another, rightly signed with it where that can be."""
    headers = {"webhook-id": "w1", "webhook-timestamp": str(int(time.time()))} | {name: value}
    signed = signature(
        served, webhook_id=headers["webhook-id"], timestamp=headers["webhook-timestamp"]
    )
    return {"webhook-signature": signed} | headers


def late_by(seconds):
    return lambda served: named(served, "webhook-timestamp", str(int(time.time()) + seconds))


NOT_LET_IN = {
    "wrong secret": lambda served: {"webhook-signature": signature(served, key=b"x" * 32)},
    "empty secret": lambda served: headers_for(BODY, key=b""),
    "signed for another id": lambda served: {"webhook-signature": signature(served)},
    "310 s old": late_by(-310),
    "310 s ahead": late_by(310),
    "fractional time": lambda served: named(served, "webhook-timestamp", f"{time.time():.2f}"),
    "nan": lambda served: named(served, "webhook-timestamp", "nan"),
    "negative time": lambda served: named(served, "webhook-timestamp", "-1"),
    "endless time": lambda served: named(served, "webhook-timestamp", "9" * 400),
    "not base64": lambda served: {"webhook-signature": "v1,%%%"},
    "too short": lambda served: {"webhook-signature": "v1,AAAA"},
    "not ASCII": lambda served: {"webhook-signature": "v1,é" + "A" * 43},
    "no version": lambda served: {"webhook-signature": signature(served).removeprefix("v1,")},
    "unknown version": lambda served: {
        "webhook-signature": signature(served, webhook_id="v2").replace("v1,", "v2,"),
        "webhook-id": "v2",
    },
    "empty signature": lambda served: {"webhook-signature": ""},
    "long signature": lambda served: {"webhook-signature": "v1," + "A" * 5000},
    "long id": lambda served: named(served, "webhook-id", "w" * 257),
    "id with a full stop": lambda served: named(served, "webhook-id", "w.1"),
    "empty id": lambda served: named(served, "webhook-id", ""),
}


@pytest.fixture(scope="module")
def refused(served):
    """What everybody is told who is not let in, but for the request's id."""
    return served.send(an_event(), without=["webhook-signature"]).json["error"]


def assert_not_let_in(answer, refused):
    assert answer.error == (401, "bad_signature", None)
    assert answer.json["error"] == refused
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("case", NOT_LET_IN, ids=slug)
def test_everybody_without_a_live_signature_is_told_the_same(served, refused, case):
    answer = served.send(an_event(), headers=NOT_LET_IN[case](served))

    assert_not_let_in(answer, refused)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_header_that_is_missing_is_refused(served, refused, name):
    answer = served.send(an_event(), without=[name])

    assert_not_let_in(answer, refused)


def test_a_body_that_was_changed_on_the_way_is_refused(served, refused):
    answer = served.send(BODY.replace(b"lost", b"sold"), headers=served.signed(BODY))

    assert_not_let_in(answer, refused)


def test_a_header_that_came_twice_is_refused(served, refused):
    length = ("content-length", str(len(BODY)))
    twice = served.request(BODY, webhook_id="w1", headers=[length, ("webhook-id", "w1")])

    answer = served.raw(twice)

    assert_not_let_in(answer, refused)


@pytest.mark.parametrize("bot", ["nobody", "%00", "'--", "x" * 3000], ids=slug)
def test_a_bot_that_is_not_there_is_as_if_the_signature_were_wrong(served, refused, bot):
    answer = served.send(an_event(), bot=bot)

    if bot == "%00":
        assert answer.error[0] == 400
    else:
        assert_not_let_in(answer, refused)


def test_the_secret_of_another_bot_is_refused(served, refused):
    answer = served.send(an_event(), bot="travel-bot")

    assert_not_let_in(answer, refused)


def test_a_revoked_secret_is_refused(served, refused):
    headers = headers_for(BODY, key=key_of(served.revoked))

    answer = served.send(an_event(), headers=headers)

    assert_not_let_in(answer, refused)


def test_signatures_of_the_old_and_the_new_secret_together_are_let_in_in_any_order(served):
    keys, now = [key_of(served.secret), key_of(served.newer)], int(time.time())
    both = [signature(served, key=key, webhook_id="both", timestamp=now) for key in keys]
    strange = "v2,AAAA v1a,BBBB"

    for number, signatures in enumerate([both, both[::-1], [strange, *both], both[:1], both[1:]]):
        signed = {"webhook-id": "both", "webhook-timestamp": str(now)}
        signed["webhook-signature"] = " ".join(signatures)
        answer = served.send(an_event(), headers=signed)
        assert answer.status == (200 if number else 202)
