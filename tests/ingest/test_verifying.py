"""ingest/verifying.py"""

import hmac
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.verifying import BadSignature, sign, verify

NOW = 1_767_225_600
BODY = b'{"conversation_id": "c-1", "user_input": "hello"}'
OLD = b"an old secret of thirty-two byte"
NEW = b"a new secret of thirty-two bytes"


def signature_of(content: bytes, *, secret: bytes = NEW) -> str:
    """Written down a second time, so that a slip in the product can't hide."""
    return "v1," + b64encode(hmac.digest(secret, content, "sha256")).decode()


def send(
    *,
    body=BODY,
    webhook_id="msg_1",
    timestamp=str(NOW),
    signature=None,
    secrets=(NEW,),
    now=float(NOW),
):
    """Deliver an event that is rightly signed unless `signature` says otherwise."""
    if signature is None:
        signature = signature_of(f"{webhook_id}.{timestamp}.".encode() + body)
    return verify(
        body,
        webhook_id=webhook_id,
        timestamp=timestamp,
        signature=signature,
        secrets=secrets,
        now=now,
    )


def reason_for(**sent):
    with pytest.raises(BadSignature) as refused:
        send(**sent)
    return refused.value.reason


def test_the_published_example_verifies():
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    found = verify(
        b'{"test": 2432232314}',
        webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp="1614265330",
        signature=signature,
        secrets=[secret],
        now=1614265330.0,
    )

    assert found == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_the_published_example_is_what_sign_makes():
    made = sign(
        b'{"test": 2432232314}',
        webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        secret=b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    )

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(), st.binary(min_size=1), st.integers(0, 10**15))
def test_what_is_signed_verifies(body, secret, at):
    made = sign(body, webhook_id="msg_1", timestamp=at, secret=secret)

    assert send(body=body, timestamp=str(at), signature=made, secrets=[secret], now=at) == "msg_1"


@pytest.mark.parametrize("header", ["webhook_id", "timestamp"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_header_is_refused(header, value):
    assert reason_for(**{header: value, "signature": sign_msg_1()}) == header


@pytest.mark.parametrize("value", ["", " "])
def test_a_missing_signature_is_refused(value):
    assert reason_for(signature=value) in {"signature_header", "no_v1_signature"}


def test_no_signature_header_is_refused():
    with pytest.raises(BadSignature):
        verify(
            BODY,
            webhook_id="msg_1",
            timestamp=str(NOW),
            signature=None,
            secrets=[NEW],
            now=float(NOW),
        )


def sign_msg_1(*, secret=NEW):
    return sign(BODY, webhook_id="msg_1", timestamp=NOW, secret=secret)


def test_a_wrong_revoked_or_other_bots_secret_is_refused():
    assert reason_for(signature=sign_msg_1(secret=OLD), secrets=[NEW]) == "no_match"


def test_nothing_verifies_without_secrets():
    assert reason_for(secrets=[]) == "no_match"


def test_an_empty_secret_verifies_nothing():
    assert reason_for(signature=sign_msg_1(secret=b""), secrets=[b""]) == "no_match"


@pytest.mark.parametrize("body", [BODY + b" ", BODY[:-1], b"", BODY.replace(b"c-1", b"c-2")])
def test_a_changed_body_is_refused(body):
    assert reason_for(body=body, signature=sign_msg_1()) == "no_match"


def test_another_id_is_refused():
    assert reason_for(webhook_id="msg_2", signature=sign_msg_1()) == "no_match"


def test_another_timestamp_is_refused():
    assert reason_for(timestamp=str(NOW + 1), signature=sign_msg_1()) == "no_match"


@pytest.mark.parametrize("away", [-300, -299.5, 0, 300])
def test_a_timestamp_within_five_minutes_is_taken(away):
    assert send(now=NOW + away) == "msg_1"


@pytest.mark.parametrize("away", [-301, -300.5, 300.5, 301, 10**9, float("inf"), float("nan")])
def test_a_timestamp_further_away_is_refused(away):
    assert reason_for(now=NOW + away) == "timestamp_too_far"


@pytest.mark.parametrize(
    "timestamp",
    [
        *(f"{NOW}.0", f"{NOW}.5", "nan", "inf", "1e9", "0x1", f"+{NOW}", f"-{NOW}"),
        *(f" {NOW}", f"{NOW} ", f"{NOW}\n", "1_767_225_600", f"{NOW},{NOW}", "9" * 21, "9" * 5000),
        *(
            "\u0661\u0667\u0666\u0667\u0662\u0662\u0665\u0666\u0660\u0660",
            "\uff11\uff17",
            "\xb2",
            "\x00",
            "\ud800",
        ),
    ],
)
def test_a_timestamp_that_is_not_a_plain_number_is_refused_although_signed(timestamp):
    content = f"msg_1.{timestamp}.".encode("utf-8", "surrogatepass") + BODY

    assert reason_for(timestamp=timestamp, signature=signature_of(content)) == "timestamp"


@pytest.mark.parametrize("webhook_id", ["x", "x" * 256, "msg_2KWPBgLl", "a-b:c/d~!", "'\"<>"])
def test_an_id_of_visible_characters_is_taken(webhook_id):
    assert send(webhook_id=webhook_id) == webhook_id


@pytest.mark.parametrize(
    "webhook_id",
    [
        "x" * 257,
        "a.b",
        "msg_1,msg_1",
        "msg_1, msg_1",
        "a b",
        "a\n",
        "a\x00",
        "é",
        "a\x7f",
        "\ud800",
    ],
)
def test_an_over_long_doubled_or_odd_id_is_refused_although_signed(webhook_id):
    content = f"{webhook_id}.{NOW}.".encode("utf-8", "surrogatepass") + BODY

    assert reason_for(webhook_id=webhook_id, signature=signature_of(content)) == "webhook_id"


@pytest.mark.parametrize(
    "change",
    [
        lambda right: right.replace("v1,", "v2,"),
        lambda right: right.replace("v1,", "v1a,"),
        lambda right: right.replace("v1,", "V1,"),
        lambda right: right.replace("v1,", "v1="),
        lambda right: right.removeprefix("v1,"),
        lambda right: right.rstrip("="),
        lambda right: right + "=",
        lambda right: right + "\n",
        lambda right: right.replace("v1,", "v1, "),
        lambda right: right[:-5] + "é" + right[-4:],
        lambda right: right[:-5] + "\x00" + right[-4:],
        lambda right: right[:-5] + "\udcff" + right[-4:],
        lambda right: right[:-5] + "*" + right[-4:],
        lambda right: "v1," + b64encode(b64decode(right[3:])[:16]).decode(),
        lambda right: "v1," + b64decode(right[3:]).hex(),
        lambda right: "v1,",
        lambda right: ",",
        lambda right: right + "," + right,
    ],
)
def test_a_malformed_signature_or_an_unknown_version_alone_is_refused(change):
    assert reason_for(signature=change(sign_msg_1())) == "no_v1_signature"


def test_an_over_long_signature_header_is_refused():
    assert reason_for(signature=sign_msg_1() + " " * 4096) == "signature_header"


def test_an_unknown_version_beside_a_right_signature_is_taken():
    assert send(signature=f"v1a,{'x' * 88} v9,é {sign_msg_1()} v1,short") == "msg_1"


@pytest.mark.parametrize("first, second", [(OLD, NEW), (NEW, OLD)])
@pytest.mark.parametrize("secrets", [[OLD], [NEW], [OLD, NEW], [NEW, OLD]])
def test_old_and_new_signatures_are_taken_together_and_in_any_order(first, second, secrets):
    both = f"{sign_msg_1(secret=first)} {sign_msg_1(secret=second)}"

    assert send(signature=both, secrets=secrets) == "msg_1"


@pytest.mark.parametrize("before, taken", [(15, True), (16, False)])
def test_sixteen_signatures_are_looked_at(before, taken):
    header = " ".join([sign_msg_1(secret=OLD)] * before + [sign_msg_1()])

    if taken:
        assert send(signature=header) == "msg_1"
    else:
        assert reason_for(signature=header) == "no_match"


def test_every_secret_is_compared_with_every_signature(monkeypatch):
    pairs = []
    monkeypatch.setattr(
        "ingest.verifying.hmac.compare_digest", lambda a, b: pairs.append((a, b)) or a == b
    )

    send(signature=f"{sign_msg_1()} {sign_msg_1(secret=OLD)}", secrets=[NEW, OLD])

    assert len(pairs) == 4


def test_every_refusal_reads_the_same():
    refused = [{"webhook_id": ""}, {"timestamp": "nan"}, {"signature": "x"}, {"secrets": [OLD]}]
    messages = set()
    for sent in refused:
        with pytest.raises(BadSignature) as caught:
            send(**sent)
        messages.add(str(caught.value))

    assert messages == {"The signature of this event does not fit."}


anything = (
    st.none() | st.text(max_size=300) | st.binary(max_size=300).map(lambda b: b.decode("latin-1"))
)
almost = st.lists(st.sampled_from(["v1,", "v1", "=", " ", ",", "A" * 43, "\ud800", "é"])).map(
    "".join
)
hostile_number = st.integers().map(str) | st.floats().map(str)


@given(
    anything | st.just("msg_1"),
    anything | hostile_number | st.just(str(NOW)),
    anything | almost,
    st.lists(st.binary(max_size=80), max_size=3),
    st.floats() | st.just(float(NOW)),
)
def test_no_header_raises_anything_but_a_bad_signature(
    webhook_id, timestamp, signature, secrets, now
):
    with pytest.raises(BadSignature):
        verify(
            BODY,
            webhook_id=webhook_id,
            timestamp=timestamp,
            signature=signature,
            secrets=secrets,
            now=now,
        )
