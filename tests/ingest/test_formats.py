"""What each format of a file makes of its records: events, utterances, dialogues."""

import json

import pytest

from ingest.adapters import dialogues, events, utterances
from ingest.adapters.records import Place, Record
from ingest.reading import NotUsable

START = Place()


def record(**fields):
    return Record(7, 7, 100, json.dumps(fields).encode(), fields)


def said(drafts):
    return [
        (draft.fields.get("user_input"), draft.fields.get("bot_response"), draft.minute)
        for draft in drafts
        if draft.fields.get("kind") != "closed"
    ]


def ends(drafts):
    return [draft for draft in drafts if draft.fields.get("kind") == "closed"]


# ── events ────────────────────────────────────────────────────────────────────────────


def test_an_event_with_an_id_keeps_it():
    (draft,) = events.drafts(record(conversation_id="c", event_id="e-1"), None)

    assert (draft.name, draft.is_named) == ("e-1", True)


def test_an_event_without_an_id_is_named_by_its_line_and_content():
    one, same = record(conversation_id="c"), record(conversation_id="c")
    other = record(conversation_id="d")
    elsewhere = Record(8, 8, 200, one.raw, one.fields)

    (draft,) = events.drafts(one, None)

    assert not draft.is_named
    assert one.name() == same.name()
    assert len({one.name(), other.name(), elsewhere.name()}) == 3


# ── utterances ────────────────────────────────────────────────────────────────────────


def test_an_utterance_alone_is_a_conversation_that_ended():
    turn, end = utterances.drafts(record(text="hi", intent="greet", split="train"), None)

    assert turn.fields["user_input"] == "hi"
    assert "intent_detected" not in turn.fields
    assert "greet" not in json.dumps(turn.fields)
    assert end.fields["kind"] == "closed"
    assert end.fields["conversation_id"] == turn.fields["conversation_id"]


def test_utterances_of_one_dialogue_are_turns_in_their_order():
    first = record(text="hi", dialogue_id="d", turn=2)
    second = record(text="bye", dialogue_id="d", turn=5)
    other = record(text="yo", dialogue_id="e", turn=0)

    drafts = [*utterances.drafts(first, second), *utterances.drafts(second, other)]

    assert [(draft.fields["conversation_id"], draft.minute) for draft in drafts] == [
        ("d", 2),
        ("d", 5),
        ("d", 6),
    ]
    assert [draft.fields.get("kind") for draft in drafts] == [None, None, "closed"]


def test_a_dialogue_whose_rows_lie_apart_ends_under_one_name():
    row = record(text="hi", dialogue_id="d", turn=1)
    later = record(text="bye", dialogue_id="d", turn=2)

    (first,) = ends(utterances.drafts(row, record(text="yo", dialogue_id="e")))
    (second,) = ends(utterances.drafts(later, None))

    assert first.is_named
    assert (first.name, first.fields) == (second.name, second.fields)


def test_a_dialogue_may_be_called_by_a_number():
    (turn, _) = utterances.drafts(record(text="hi", dialogue_id=3592), None)

    assert turn.fields["conversation_id"] == "3592"


def test_spans_become_entities_with_what_they_cover():
    row = record(text="to Thailand", entities=[{"start": 3, "end": 11, "label": "city"}])

    turn = utterances.drafts(row, None)[0]

    assert turn.fields["entities_extracted"] == [
        {"type": "city", "start": 3, "end": 11, "value": "Thailand"}
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"intent": "greet"}, "text"),
        ({"text": "hi", "entities": "none"}, "entities"),
        ({"text": "hi", "entities": [3]}, "entities"),
        ({"text": "hi", "dialogue_id": ["d"]}, "dialogue_id"),
        ({"text": "hi", "dialogue_id": True}, "dialogue_id"),
        ({"text": "hi", "dialogue_id": "d", "turn": "first"}, "turn"),
        ({"text": "hi", "dialogue_id": "d", "turn": -1}, "turn"),
        ({"text": "hi", "dialogue_id": "d", "turn": 1001}, "turn"),
    ],
)
def test_an_utterance_that_breaks_the_format_is_refused(fields, field):
    with pytest.raises(NotUsable) as refused:
        utterances.drafts(record(**fields), None)

    assert refused.value.field == field


# ── dialogues ─────────────────────────────────────────────────────────────────────────


def dialogue(*messages):
    turns = [{"role": role, "text": text} for role, text in messages]
    return dialogues.drafts(record(dialogue_id="d", domain="bank", turns=turns), None)


def test_what_the_bot_says_until_the_user_speaks_again_is_the_answer():
    drafts = dialogue(("user", "hi"), ("bot", "hello"), ("bot", "what now?"), ("user", "bye"))

    assert said(drafts) == [("hi", "hello\nwhat now?", 0), ("bye", "", 1)]


def test_what_the_bot_says_first_is_a_turn_without_a_text():
    drafts = dialogue(("bot", "welcome"), ("bot", "?"), ("user", "hi"))

    assert said(drafts) == [("", "welcome\n?", 0), ("hi", "", 1)]


def test_each_of_several_messages_of_a_user_is_a_turn():
    drafts = dialogue(("user", "hi"), ("user", "are you there"), ("bot", "yes"))

    assert said(drafts) == [("hi", "", 0), ("are you there", "yes", 1)]


def test_actions_are_the_state_of_their_turn():
    drafts = dialogue(("user", "hi"), ("action", "looked up"), ("action", "found"), ("bot", "ok"))

    assert drafts[0].fields["dialog_state"] == {"actions": ["looked up", "found"]}
    assert said(drafts) == [("hi", "ok", 0)]


def test_actions_before_anything_is_said_go_to_the_first_turn():
    drafts = dialogue(("action", "began"), ("user", "hi"))

    assert said(drafts) == [("hi", "", 0)]
    assert drafts[0].fields["dialog_state"] == {"actions": ["began"]}


def test_a_dialogue_ends_a_minute_after_its_last_turn():
    (end,) = ends(dialogue(("user", "hi"), ("bot", "hello"), ("user", "bye")))

    assert (end.minute, end.fields["conversation_id"]) == (2, "d")


def test_what_people_decided_is_no_part_of_a_turn():
    turns = [{"role": "user", "text": "to Rome", "intent": "Book", "acts": ["INFORM"]}]

    drafts = dialogues.drafts(record(dialogue_id="d", turns=turns, intent="travel"), None)

    assert "intent_detected" not in drafts[0].fields
    assert not {"Book", "INFORM", "travel"} & set(json.dumps(drafts[0].fields).split('"'))


def test_entities_of_the_user_are_kept_and_those_of_the_bot_are_not():
    city = [{"start": 3, "end": 7, "label": "city"}]
    turns = [
        {"role": "user", "text": "to Rome", "entities": city},
        {"role": "bot", "text": "to Rome", "entities": city},
    ]

    drafts = dialogues.drafts(record(dialogue_id="d", turns=turns), None)

    assert drafts[0].fields["entities_extracted"] == [
        {"type": "city", "start": 3, "end": 7, "value": "Rome"}
    ]


@pytest.mark.parametrize(
    ("turns", "field"),
    [
        ("hi", "turns"),
        ([], "turns"),
        ([{"role": "action", "text": "looked up"}], "turns"),
        ([{"role": "user", "text": "  "}], "turns"),
        (["hi"], "turns.0"),
        ([{"role": "user", "text": "hi"}, {"role": "system", "text": "x"}], "turns.1.role"),
        ([{"role": ["user"], "text": "hi"}], "turns.0.role"),
        ([{"role": "user", "text": None}], "turns.0.text"),
        ([{"role": "user", "text": "hi", "entities": {}}, {"role": "user"}], "turns.1.text"),
        ([{"role": "user", "text": "hi", "entities": "x"}], "turns.0.entities"),
        ([{"role": "user", "text": "hi"}] * 1001, "turns"),
    ],
)
def test_a_dialogue_that_breaks_the_format_is_refused(turns, field):
    with pytest.raises(NotUsable) as refused:
        dialogues.drafts(record(dialogue_id="d", turns=turns), None)

    assert refused.value.field == field
