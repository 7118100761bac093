"""Events come late, twice and out of order: any order of the same events gives the same state."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import receiving
from ingest.models import Conversation, Feedback, IncomingEvent, Text, Turn
from ingest.preparing import prepare
from ingest.reading import read_event
from ingest.senders import keeper_of

EPOCH = datetime(2026, 5, 9, 14, tzinfo=UTC)
# Few values, so that they meet: the same moment, the same channel, the same text.
TIMES = [EPOCH + timedelta(seconds=second) for second in range(3)]
NOT_OF_THE_STATE = {"due_since", "changes", "received_at"}


def some(*values):
    return st.sampled_from([None, *values])


TURN = {
    "kind": st.just("turn"),
    "user_input": st.sampled_from(["yes", "Yes.", "no", "call 202-555-0123", "i lost my card"]),
    "intent_detected": some("card_lost", "Éa", "a", "Z", "_"),
    "confidence": some(0.0, 0.25, 1.0, 0.1 + 0.2),
}
FEEDBACK = {
    "kind": st.just("feedback"),
    "feedback": st.sampled_from([{"thumb": "up"}, {"rating": 1, "comment": "no"}]),
    "about": some("e-0", "e-3", "e-99"),
}
ABOUT_ALL = {
    "conversation_id": st.sampled_from(["c-1", "c-1", "c-1", "c-2"]),
    "timestamp": st.sampled_from([at.isoformat() for at in TIMES]),
    "channel": some("web", "app", "é", "z-z"),
    "language": some("en", "de", "EN"),
    "user_id": some("u-1", "u-2", "u-3"),
}
EVENT = st.one_of(
    st.fixed_dictionaries(ABOUT_ALL | TURN),
    st.fixed_dictionaries(ABOUT_ALL | FEEDBACK),
    st.fixed_dictionaries(ABOUT_ALL | {"kind": st.just("escalation")}),
    st.fixed_dictionaries(ABOUT_ALL | {"kind": st.just("closed")}),
)


@st.composite
def events_twice_cut(draw):
    """Some events, and them and copies of them in two other orders, cut into batches."""
    events = [
        {name: value for name, value in event.items() if value is not None} | {"event_id": f"e-{n}"}
        for n, event in enumerate(draw(st.lists(EVENT, min_size=3, max_size=14)))
    ]
    return draw(batches_of(events)), draw(batches_of(events))


@st.composite
def batches_of(draw, events):
    copies = draw(st.lists(st.sampled_from(events), max_size=6))
    order = draw(st.permutations([*events, *copies]))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=6)))
    return [order[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True) if order[a:b]]


def state_after(batches, keeper):
    """What is stored after these batches, in a transaction that is undone."""
    with transaction.atomic():
        for batch in batches:
            receiving.store(
                [
                    prepare(
                        read_event(dict(raw)), name=raw["event_id"], sent_at=EPOCH, keeper=keeper
                    )
                    for raw in batch
                ],
                keeper=keeper,
            )
        state = {model.__name__: rows_of(model) for model in STORED}
        transaction.set_rollback(True)
    return state


STORED = (Conversation, IncomingEvent, Turn, Feedback, Text)


def rows_of(model):
    names = [f.attname for f in model._meta.concrete_fields if f.attname not in NOT_OF_THE_STATE]
    return {str(row) for row in model.objects.values_list(*names)}


@pytest.fixture
def keeper(bot):
    return keeper_of(bot)


def test_any_order_of_the_same_events_gives_the_same_state(keeper, request):
    examples = 1000 if request.config.getoption("--full-size") else 60

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(events_twice_cut())
    def in_any_order(both):
        one, other = both
        assert state_after(one, keeper) == state_after(other, keeper)

    in_any_order()


def test_an_abandoned_conversation_opens_again_only_when_it_goes_on(keeper):
    raw = {"conversation_id": "c-1", "user_input": "hi"}
    late, later = (
        {**raw, "event_id": at.isoformat(), "timestamp": at.isoformat()} for at in TIMES[:2]
    )
    stored(later, keeper)
    Conversation.objects.update(outcome="abandoned")

    stored(late, keeper)
    after_late = Conversation.objects.get().outcome
    stored({**raw, "event_id": "last", "timestamp": TIMES[2].isoformat()}, keeper)

    assert after_late == "abandoned"
    assert Conversation.objects.get().outcome == "open"


def stored(raw, keeper):
    receiving.store(
        [prepare(read_event(raw), name=raw["event_id"], sent_at=EPOCH, keeper=keeper)],
        keeper=keeper,
    )


def test_more_users_and_intents_than_are_kept_are_the_same_in_any_order(keeper):
    events = [
        {
            "conversation_id": "c-1",
            "event_id": f"e-{number}",
            "timestamp": EPOCH.isoformat(),
            "user_input": "hi",
            "user_id": f"u-{number}",
            "intent_detected": f"Intent {number % 130}{'é' * (number % 2)}",
        }
        for number in range(300)
    ]
    one = [[event] for event in events]
    other = [events[150:], events[:150][::-1]]

    assert state_after(one, keeper) == state_after(other, keeper)
