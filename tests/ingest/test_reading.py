"""Whatever the bytes are: events, or BadJson, or NotUsable, and nothing of what was sent in it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.events import Event
from ingest.preparing import Keeper, prepare
from ingest.reading import BadJson, NotUsable, Read, read_body, read_json
from tests.ingest.sending import an_event
from tests.ingest.test_any_order import EPOCH

often = settings(
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text("\0\ud800é⟨"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)
FULL = an_event(
    kind="turn",
    event_id="e-1",
    timestamp="2026-05-09T14:02:11Z",
    error_message="x",
    intent_detected="card_lost",
    confidence=0.5,
    alternatives=[{"intent": "a", "confidence": 0.1}],
    entities_extracted=[{"type": "city", "value": "Lisbon", "start": 0, "end": 3}],
    dialog_state={"step": 1, "slots": {"a": [1, None, "x"]}},
    channel="web",
    language="en",
    user_id="u-1",
    latency_ms=5,
    model_version="v1",
    feedback={"thumb": "up", "rating": 3, "reported": False, "comment": "x"},
    about="e-0",
)
KEEPER = Keeper(1, salt=b"salt")


def outcome(body):
    """What became of it. Anything but these three is a fault."""
    try:
        read = read_body(body)
    except BadJson:
        return "bad"
    except NotUsable as error:
        assert str(error).endswith((".", "?"))
        return "unusable"
    assert all(isinstance(each, Read) and isinstance(each.event, Event) for each in read)
    # What was let in can be stored.
    for number, each in enumerate(read):
        prepared = prepare(each, name=str(number), sent_at=EPOCH, keeper=KEEPER)
        if prepared.turn:
            assert "\0" not in json.dumps(prepared.turn.dialog_state, ensure_ascii=False)
            prepared.turn.text.encode()
            prepared.turn.normalised.encode()
            json.dumps(
                [prepared.turn.dialog_state, prepared.turn.entities], ensure_ascii=False
            ).encode()
    return "read"


@often
@given(st.binary(max_size=400))
def test_any_bytes(body):
    outcome(body)


@often
@given(st.text(max_size=200))
def test_any_text(text):
    outcome(text.encode("utf-8", "surrogatepass"))


@often
@given(JSON)
def test_any_json(value):
    outcome(json.dumps(value).encode())


@often
@given(st.dictionaries(st.sampled_from([*Event.model_fields, "events"]), JSON))
def test_any_values_in_the_fields(event):
    outcome(json.dumps(event).encode())


@often
@given(st.sampled_from(sorted(FULL)), JSON, st.booleans())
def test_an_event_with_one_field_replaced(name, value, in_a_batch):
    event = FULL | {name: value}

    outcome(json.dumps({"events": [FULL, event]} if in_a_batch else event).encode())


PLACES = [
    (name, key)
    for name in ("alternatives", "entities_extracted", "feedback")
    for key in (FULL[name] if name == "feedback" else FULL[name][0])
]


@often
@given(st.sampled_from(PLACES), JSON)
def test_an_event_with_one_field_inside_replaced(place, value):
    name, key = place
    inner = FULL[name] if name == "feedback" else FULL[name][0]
    changed = inner | {key: value}

    outcome(json.dumps(FULL | {name: changed if name == "feedback" else [changed]}).encode())


@often
@given(st.data())
def test_a_good_body_with_some_bytes_changed(data):
    body = bytearray(json.dumps({"events": [FULL]}).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))

    outcome(bytes(body))


@often
@given(st.text(max_size=100), st.text(max_size=100))
def test_any_text_is_read_where_people_write(said, answered):
    event = {"conversation_id": "c", "user_input": said, "bot_response": answered, "kind": "turn"}

    says_something = bool(said.strip() or answered.strip())
    assert outcome(json.dumps(event).encode()) == ("read" if says_something else "unusable")


@often
@given(st.integers(1, 3000))
def test_a_state_of_any_depth_is_read_or_refused(depth):
    body = b'{"conversation_id": "c", "user_input": "hi", "dialog_state": {"a": %s}}' % (
        b"[" * depth + b"]" * depth
    )

    # The parser gives up long after the limit.
    assert outcome(body) in ({"read"} if depth < 20 else {"unusable", "bad"})


def test_a_whole_event_is_read():
    assert outcome(json.dumps(FULL).encode()) == "read"


@pytest.mark.parametrize("name", sorted(FULL))
def test_every_field_but_one_may_be_left_out(name):
    without = {key: value for key, value in FULL.items() if key != name}

    assert outcome(json.dumps(without).encode()) == (
        "unusable" if name == "conversation_id" else "read"
    )


@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize(
    ("deep", "readable"), [(498, True), (499, True), (500, False), (981, False)]
)
def test_how_deep_is_too_deep_does_not_depend_on_who_reads(opened, closed, deep, readable):
    body = ('{"x":' + opened * deep + "1" + closed * deep + "}").encode()

    def read():
        try:
            return bool(read_json(body))
        except BadJson:
            return False

    def further_in(frames):
        return further_in(frames - 1) if frames else read()

    assert [read(), further_in(100)] == [readable, readable]


def test_many_things_beside_one_another_are_not_deep():
    assert len(read_json(b"[" + b"[],{}," * 2000 + b"1]")) == 4001
