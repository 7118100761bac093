"""What several events say of their conversations, whatever their order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.events import Kind
from ingest.gathering import gather
from ingest.preparing import Prepared, PreparedTurn

EPOCH = datetime(2026, 5, 9, tzinfo=UTC)
FEW = [UUID(int=number) for number in range(1, 4)]


def a_turn(intent, confidence):
    return PreparedTurn("hi", "", "hi", intent, confidence, [], [], {}, "", None, "")


def a_prepared(kind, conversation, second, channel, user, intent, confidence):
    return Prepared(
        id=FEW[0],
        kind=kind,
        conversation=conversation,
        conversation_name=f"c-{conversation.int}",
        at=EPOCH + timedelta(seconds=second),
        digest=FEW[0],
        mended=False,
        redacted={},
        channel=channel,
        language="",
        user=user,
        turn=a_turn(intent, confidence) if kind == Kind.TURN else None,
    )


EVENTS = st.lists(
    st.builds(
        a_prepared,
        st.sampled_from(Kind),
        st.sampled_from(FEW),
        st.integers(0, 3),
        st.sampled_from(["", "web", "app"]),
        st.sampled_from([None, *FEW]),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from([None, 0.0, 0.5, 1.0]),
    )
)


@settings(derandomize=True, database=None, deadline=None)
@given(st.data())
def test_the_order_of_the_events_does_not_matter(data):
    events = data.draw(EVENTS)

    assert gather(data.draw(st.permutations(events))) == gather(events)


@settings(derandomize=True, database=None, deadline=None)
@given(EVENTS)
def test_it_says_what_a_look_at_all_events_says(events):
    gathered = gather(events)

    assert [facts.id for facts in gathered] == sorted({event.conversation for event in events})
    for facts in gathered:
        own = [event for event in events if event.conversation == facts.id]
        assert facts.started_at == min(event.at for event in own)
        assert facts.last_at == max(event.at for event in own)
        assert facts.turn_count == sum(event.kind == Kind.TURN for event in own)
        assert facts.users == {event.user for event in own if event.user}
        assert facts.intents == {e.turn.intent for e in own if e.turn and e.turn.intent}
        assert facts.channel == first_of((e.at, e.channel) for e in own if e.channel)
        assert facts.escalated_at == first_of(e.at for e in own if e.kind == Kind.ESCALATION)
        assert facts.closed_at == first_of(e.at for e in own if e.kind == Kind.CLOSED)
        assert facts.lowest_confidence == first_of(
            e.turn.confidence for e in own if e.turn and e.turn.confidence is not None
        )


def first_of(values):
    return min(values, default=None)


def test_nothing_says_nothing():
    assert gather([]) == []
