"""The sample bot: enough of everything, and nothing that contradicts itself."""

import json
import re
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from ingest.events import Event
from ingest.redacting import redact
from learnloop.sample.books import BOOKS
from learnloop.sample.conversations import events
from learnloop.sample.guessing import NEIGHBOURS
from learnloop.sample.intents import INTENTS
from learnloop.sample.slots import ENTITY_TYPES

UNTIL = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
NAMES = {intent.name for intent in INTENTS}


@pytest.fixture(scope="module")
def sample():
    return list(events(seed=1, until=UNTIL))


@pytest.fixture(scope="module")
def turns(sample):
    return [event for event in sample if event["kind"] == "turn"]


@pytest.fixture(scope="module")
def conversations(sample):
    by_id = defaultdict(list)
    for event in sample:
        by_id[event["conversation_id"]].append(event)
    return list(by_id.values())


def share_with(conversations, kind):
    having = [each for each in conversations if any(event["kind"] == kind for event in each)]
    return len(having) / len(conversations)


def is_negative(feedback):
    rated_low = feedback.get("rating", 5) <= 2
    return feedback.get("thumb") == "down" or rated_low or "reported" in feedback


def moment(event):
    return datetime.fromisoformat(event["timestamp"])


def test_the_same_seed_gives_the_same_events(sample):
    again = list(events(seed=1, until=UNTIL))

    assert again == sample


def test_another_seed_gives_other_events(sample):
    other = list(events(seed=2, until=UNTIL))

    assert other != sample


def test_events_survive_json(sample):
    assert json.loads(json.dumps(sample)) == sample


def test_a_bot_might_send_every_event(sample):
    assert all(Event.model_validate(event).event_id == event["event_id"] for event in sample)


def test_every_intent_has_a_guideline_and_examples():
    assert 14 <= len(NAMES) == len(INTENTS) <= 16
    for intent in INTENTS:
        assert 3 <= len(intent.guideline.splitlines()) <= 8
        assert len(intent.good) >= 4
        assert len(intent.bad) >= 2


def test_at_most_four_intents_are_critical():
    assert 1 <= sum(intent.critical for intent in INTENTS) <= 4


def test_guidelines_name_only_intents_that_exist():
    reasons = [reason for intent in INTENTS for _, reason in intent.bad]
    prose = " ".join([*(intent.guideline for intent in INTENTS), *reasons])
    named = set(re.findall(r"[a-z]+(?:_[a-z]+)+", prose))

    assert named <= NAMES


@pytest.mark.parametrize("language", BOOKS)
def test_every_intent_can_be_said_in_twelve_ways(language):
    book = BOOKS[language]
    for name in NAMES - {"answer_to_bot"}:
        assert len({*book.direct[name], *book.indirect[name]}) >= 12, name


def test_there_are_three_hundred_and_twenty_conversations_of_two_to_twelve_turns(conversations):
    lengths = {sum(event["kind"] == "turn" for event in each) for each in conversations}

    assert len(conversations) == 320
    assert min(lengths) == 2
    assert 10 <= max(lengths) <= 12


def test_two_languages_three_channels_and_many_customers(turns):
    english = sum(turn["language"] == "en" for turn in turns) / len(turns)

    assert {turn["language"] for turn in turns} == {"en", "es"}
    assert 0.65 < english < 0.85
    assert {turn["channel"] for turn in turns} == {"web", "app", "whatsapp"}
    assert len({turn["user_id"] for turn in turns}) == 120


def test_a_few_conversations_change_the_language(conversations):
    changing = [each for each in conversations if len({event["language"] for event in each}) == 2]

    assert 2 <= len(changing) <= 10


def test_how_conversations_end(conversations):
    assert 0.14 < share_with(conversations, "feedback") < 0.26
    assert 0.04 < share_with(conversations, "escalation") < 0.13
    assert 0.6 < share_with(conversations, "closed") < 0.8


def test_about_a_third_of_the_feedback_is_negative(sample):
    given = [event["feedback"] for event in sample if event["kind"] == "feedback"]

    assert 0.2 < sum(map(is_negative, given)) / len(given) < 0.48
    assert {"thumb", "rating", "reported"} <= {key for feedback in given for key in feedback}


def test_feedback_is_about_an_earlier_turn_of_its_conversation_or_none(conversations):
    abouts = []
    for conversation in conversations:
        seen = set()
        for event in conversation:
            if event["kind"] == "turn":
                seen.add(event["event_id"])
            elif event["kind"] == "feedback":
                abouts.append(event.get("about"))
                assert abouts[-1] is None or abouts[-1] in seen

    assert None in abouts
    assert len(set(abouts)) > 20


def test_event_ids_are_unique(sample):
    assert len({event["event_id"] for event in sample}) == len(sample)


@pytest.mark.parametrize("seed", range(5))
def test_times_go_up_within_a_conversation_and_lie_in_the_last_thirty_days(seed):
    latest = {}
    for event in events(seed=seed, until=UNTIL):
        at = moment(event)
        assert UNTIL - timedelta(days=30) <= at <= UNTIL
        assert at > latest.get(event["conversation_id"], datetime.min.replace(tzinfo=UTC))
        latest[event["conversation_id"]] = at


def test_nights_and_weekends_are_quieter(conversations):
    starts = [moment(each[0]) for each in conversations]
    night = sum(start.hour < 7 for start in starts)
    weekend = sum(start.weekday() >= 5 for start in starts)

    assert night < 0.1 * len(starts)
    assert weekend < 0.24 * len(starts)


@pytest.mark.parametrize("seed", range(5))
def test_entity_spans_fit_the_text(seed):
    spans = [
        (turn["user_input"], entity)
        for turn in events(seed=seed, until=UNTIL)
        for entity in turn.get("entities_extracted", [])
    ]

    assert {entity["type"] for _, entity in spans} == set(ENTITY_TYPES.values())
    assert all(text[each["start"] : each["end"]] == each["value"] for text, each in spans)


@pytest.mark.parametrize("seed", range(5))
def test_confidences_are_sorted_and_make_one_at_most(seed):
    for turn in events(seed=seed, until=UNTIL):
        if turn["kind"] == "turn":
            others = turn["alternatives"]
            shares = [turn["confidence"], *(other["confidence"] for other in others)]
            names = [turn["intent_detected"], *(other["intent"] for other in others)]

            assert shares == sorted(shares, reverse=True)
            assert sum(shares) <= 1
            assert min(shares) > 0
            assert len(set(names)) == len(names) <= 5
            assert set(names) <= NAMES


def test_every_intent_is_detected_now_and_then(turns):
    assert {turn["intent_detected"] for turn in turns} == NAMES


def test_neighbours_are_intents():
    assert {name for near in NEIGHBOURS.values() for name in near} <= NAMES


def test_the_second_version_answers_in_the_last_ten_days(turns):
    for turn in turns:
        newer = moment(turn) >= UNTIL - timedelta(days=10)
        assert turn["model_version"] == ("sample-2" if newer else "sample-1")


def test_some_turns_are_slow_and_some_end_in_an_error(turns):
    slow = sum(turn["latency_ms"] >= 4000 for turn in turns)
    errors = sum("error_message" in turn for turn in turns)

    assert 0.01 * len(turns) < slow < 0.08 * len(turns)
    assert 3 <= errors < 0.03 * len(turns)


def test_customers_repeat_what_was_not_understood(conversations):
    repeated = 0
    for conversation in conversations:
        texts = [event["user_input"] for event in conversation if event["kind"] == "turn"]
        repeated += any(a == b for a, b in zip(texts, texts[1:], strict=False))

    assert repeated >= 10


def test_between_half_and_four_fifths_of_the_texts_are_distinct(turns):
    assert 0.5 < len({turn["user_input"] for turn in turns}) / len(turns) < 0.8


def test_there_is_personal_data_to_take_out(turns):
    kinds = {each.kind for turn in turns for each in redact(turn["user_input"]).found}

    assert {"email", "phone", "iban", "card"} <= kinds


def test_a_month_is_made_in_less_than_a_second():
    began = time.process_time()

    made = list(events(seed=3, until=UNTIL))

    assert len(made) > 1000
    assert time.process_time() - began < 1


@pytest.mark.parametrize("seed", range(5))
def test_no_slot_stays_open(seed):
    for turn in events(seed=seed, until=UNTIL):
        if turn["kind"] == "turn":
            assert not {"{", "}"} & {*turn["user_input"], *turn["bot_response"]}


def test_no_turn_says_what_was_really_meant(turns):
    fields = {
        *("event_id", "kind", "conversation_id", "timestamp", "channel", "language", "user_id"),
        *("user_input", "bot_response", "intent_detected", "confidence", "alternatives"),
        *("entities_extracted", "dialog_state", "latency_ms", "model_version", "error_message"),
    }

    assert {key for turn in turns for key in turn} == fields
