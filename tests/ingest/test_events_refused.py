"""POST /api/v1/events: what cannot be read, and what breaks a rule. Nothing of it is stored."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ingest.models import Delivery
from tests.ingest.sending import an_event
from tests.ingest.served import slug

pytestmark = pytest.mark.django_db

CANARY = "c4n4ry"  # in every request; what was sent is never said back


@pytest.fixture(autouse=True)
def nothing_is_stored(served, db):
    yield
    assert not Delivery.objects.exists()


NOT_JSON = {
    "empty": b"",
    "blank": b" \n",
    "truncated": b'{"conversation_id": "c4n4ry"',
    "trailing data": b'{"conversation_id": "c4n4ry", "user_input": "hi"} x',
    "two values": b"{}{}",
    "not UTF-8": '{"user_input": "c4n4ryé"}'.encode("latin-1"),
    "UTF-16": '{"user_input": "c4n4ry"}'.encode("utf-16"),
    "UTF-32": '{"user_input": "c4n4ry"}'.encode("utf-32"),
    "byte order mark": b'\xef\xbb\xbf{"user_input": "c4n4ry"}',
    "bytes of a surrogate": b'{"user_input": "c4n4ry\xed\xa0\x80"}',
    "200,000 levels": b"[" * 200_000 + b"]" * 200_000,
    "200,000 levels of objects": b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    "200,000 levels in the state": b'{"conversation_id": "c4n4ry", "user_input": "hi", '
    b'"dialog_state": {"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}}",
    "NaN": b'{"confidence": NaN, "conversation_id": "c4n4ry"}',
    "Infinity": b'{"confidence": Infinity}',
    "minus Infinity": b'{"confidence": -Infinity}',
    "1e999": b'{"confidence": 1e999}',
    "5,000 digits": b'{"latency_ms": ' + b"9" * 5000 + b"}",
    "a key twice": b'{"conversation_id": "c4n4ry", "conversation_id": "c4n4ry"}',
    "a key twice, deep": b'{"dialog_state": {"a": [{"c4n4ry": 1, "c4n4ry": 1}]}}',
    "single quotes": b"{'conversation_id': 'c4n4ry'}",
    "a form": b"conversation_id=c4n4ry&user_input=hi",
    "a comment": b'{"conversation_id": "c4n4ry"} // c4n4ry',
    "a bare control character": b'{"user_input": "c4n4ry\x01"}',
    "a NUL": b"\0",
}


@pytest.mark.parametrize("case", NOT_JSON, ids=slug)
def test_what_is_not_json_for_everybody_alike_is_refused(served, case):
    answer = served.send(NOT_JSON[case])

    assert answer.error == (400, "bad_json", None)
    assert CANARY not in answer.text


@pytest.mark.parametrize("sent", [[], [an_event()], "c4n4ry", 1, None, True], ids=str)
def test_json_that_is_not_an_object_is_refused(served, sent):
    answer = served.send(json.dumps(sent).encode())

    assert answer.error == (422, "invalid", None)


def in_days(days):
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


DEEP = {}
for _ in range(25):
    DEEP = {"c4n4ry": DEEP}

# The field that the answer names, and what makes it wrong. A field of None is left out.
UNUSABLE = [
    ("conversation_id", {"conversation_id": None}),
    ("conversation_id", {"conversation_id": 4}),
    ("conversation_id", {"conversation_id": ""}),
    ("conversation_id", {"conversation_id": "c4n4ry" * 40}),
    ("conversation_id", {"conversation_id": "c4n4ry\0"}),
    ("conversation_id", {"conversation_id": "c4n4ry\ud800"}),
    ("conversation_id", {"conversation_id": "c4n4ry\r\nx: y"}),
    ("event_id", {"event_id": "\udfff"}),
    ("event_id", {"event_id": ["c4n4ry"]}),
    ("user_id", {"user_id": "c4n4ry\x7f"}),
    ("user_id", {"user_id": 17}),
    ("intent_detected", {"intent_detected": "\0"}),
    ("intent_detected", {"intent_detected": {"c4n4ry": "c4n4ry"}}),
    ("model_version", {"model_version": 1.0}),
    ("channel", {"channel": "c4n4ry" * 7}),
    ("language", {"language": "c4n4ry" * 4}),
    ("kind", {"kind": "c4n4ry"}),
    ("kind", {"kind": 1}),
    ("user_input", {"user_input": 4}),
    ("user_input", {"user_input": ["c4n4ry"]}),
    ("user_input", {"user_input": "c" * 20_001}),
    ("bot_response", {"bot_response": True}),
    ("bot_response", {"bot_response": "c" * 20_001}),
    ("error_message", {"error_message": "c" * 4001}),
    ("confidence", {"confidence": 1.01}),
    ("confidence", {"confidence": -0.01}),
    ("confidence", {"confidence": "0.5"}),
    ("confidence", {"confidence": True}),
    ("confidence", {"confidence": 10**30}),
    ("confidence", {"confidence": ["c4n4ry"]}),
    ("alternatives", {"alternatives": "c4n4ry"}),
    ("alternatives", {"alternatives": [{"intent": "a", "confidence": 0}] * 21}),
    ("alternatives.0", {"alternatives": ["c4n4ry"]}),
    ("alternatives.0.confidence", {"alternatives": [{"intent": "a"}]}),
    ("alternatives.0.confidence", {"alternatives": [{"intent": "a", "confidence": "c4n4ry"}]}),
    ("alternatives.0.intent", {"alternatives": [{"intent": 4, "confidence": 0.5}]}),
    ("entities_extracted", {"entities_extracted": {"c4n4ry": 1}}),
    ("entities_extracted", {"entities_extracted": [{"type": "a"}] * 101}),
    ("entities_extracted.0.type", {"entities_extracted": [{}]}),
    ("entities_extracted.0.start", {"entities_extracted": [{"type": "a", "start": "0"}]}),
    ("entities_extracted.0.end", {"entities_extracted": [{"type": "a", "end": -1}]}),
    ("entities_extracted.0.end", {"entities_extracted": [{"type": "a", "end": 2**63}]}),
    ("dialog_state", {"dialog_state": ["c4n4ry"]}),
    ("dialog_state", {"dialog_state": DEEP}),
    ("dialog_state", {"dialog_state": {"c4n4ry": "c" * 17_000}}),
    ("latency_ms", {"latency_ms": 2**63}),
    ("latency_ms", {"latency_ms": 10**30}),
    ("latency_ms", {"latency_ms": -1}),
    ("latency_ms", {"latency_ms": 1.5}),
    ("latency_ms", {"latency_ms": "240"}),
    ("latency_ms", {"latency_ms": True}),
    ("timestamp", {"timestamp": "c4n4ry"}),
    ("timestamp", {"timestamp": 1_700_000_000}),
    ("timestamp", {"timestamp": "1700000000"}),
    ("timestamp", {"timestamp": "2026-02-30T00:00:00Z"}),
    ("timestamp", {"timestamp": "2026-01-01T25:00:00Z"}),
    ("timestamp", {"timestamp": "1999-12-31T23:59:59Z"}),
    ("timestamp", {"timestamp": "0001-01-01T00:00:00+14:00"}),
    ("timestamp", {"timestamp": "9999-12-31T23:59:59-14:00"}),
    ("timestamp", {"timestamp": in_days(2)}),
    ("user_input", {"user_input": None, "bot_response": None}),
    ("user_input", {"user_input": " \n", "bot_response": "\u2003"}),
    ("feedback", {"kind": "feedback"}),
    ("feedback", {"kind": "feedback", "feedback": "c4n4ry"}),
    ("feedback", {"kind": "feedback", "feedback": {}}),
    ("feedback", {"kind": "feedback", "feedback": {"comment": " "}}),
    ("feedback.thumb", {"kind": "feedback", "feedback": {"thumb": "c4n4ry"}}),
    ("feedback.rating", {"kind": "feedback", "feedback": {"rating": 6}}),
    ("feedback.rating", {"kind": "feedback", "feedback": {"rating": "5"}}),
    ("feedback.reported", {"kind": "feedback", "feedback": {"reported": "c4n4ry"}}),
    ("feedback.comment", {"kind": "feedback", "feedback": {"comment": "c" * 4001}}),
    ("about", {"about": "c4n4ry\0"}),
]


def an_event_with(fields):
    return {name: value for name, value in an_event(**fields).items() if value is not None}


# Numbers: some cases hold the time, and every process must call them the same.
IN_ORDER = [f"{field}-{number}" for number, (field, _) in enumerate(UNUSABLE)]


@pytest.mark.parametrize(("field", "fields"), UNUSABLE, ids=IN_ORDER)
def test_a_field_that_breaks_its_rule_is_named(served, field, fields):
    answer = served.send(an_event_with(fields))

    assert answer.error == (422, "invalid", field)
    assert CANARY not in answer.text


@pytest.mark.parametrize(("field", "fields"), UNUSABLE, ids=IN_ORDER)
def test_a_batch_with_such_an_event_is_refused_as_a_whole(served, field, fields):
    answer = served.send({"events": [an_event(), an_event_with(fields)]})

    assert answer.error == (422, "invalid", f"events.1.{field}")
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("field", "events"),
    [
        ("events", []),
        ("events", [an_event()] * 1001),
        ("events", {"c4n4ry": an_event()}),
        ("events", None),
        ("events.0", [None]),
        ("events.1", [an_event(), ["c4n4ry"]]),
        ("events.0.conversation_id", [{"events": [an_event()]}]),
    ],
    ids=lambda case: slug(str(case)),
)
def test_a_batch_has_one_to_a_thousand_events(served, field, events):
    answer = served.send({"events": events})

    assert answer.error == (422, "invalid", field)
    assert CANARY not in answer.text
