"""Which turns deserve a look, and what people read about them."""

import random

import pytest

from ingest.models import Signal
from ingest.signals import RULES, Transcript, differences, heaviest, kinds_of, rules_of, signals_of
from ingest.signals.symptoms import margin, two_best
from tests.ingest.talking import a_turn, an_opinion, key_number, minutes

PAIR = [{"intent": "card_lost", "confidence": 0.41}, {"intent": "card_stolen", "confidence": 0.38}]


def found(turns, *, stored=None, **said):
    """(kind, minute of the turn, sentence) of every signal, sorted."""
    signals = signals_of(Transcript(turns, **said), rules=rules_of(stored or {}))
    return sorted((each.kind, each.at.minute, each.sentence) for each in signals)


def kinds(turns, **said):
    return [kind for kind, *_ in found(turns, **said)]


# ── what the bot said ─────────────────────────────────────────────────────────────────


def test_a_bot_that_was_not_sure_is_quoted_with_its_figures():
    turns = [a_turn(confidence=0.41, intent="card_lost")]

    assert found(turns) == [
        ("low_confidence", 0, "The bot was 0.41 sure of card_lost, less than 0.50.")
    ]


@pytest.mark.parametrize(
    ("confidence", "said"), [(0.499, "0.49 sure"), (0.29, "0.29 sure"), (0.0, "0.00 sure")]
)
def test_a_confidence_is_never_rounded_up_to_its_threshold(confidence, said):
    assert said in found([a_turn(confidence=confidence)])[0][2]


@pytest.mark.parametrize("confidence", [0.5, 1.0, None])
def test_a_bot_that_was_sure_or_silent_gives_no_signal(confidence):
    assert found([a_turn(confidence=confidence, intent="card_lost")]) == []


def test_two_intents_that_lie_close_together_are_both_named():
    turns = [a_turn(confidence=0.61, intent="card_lost", alternatives=[
        {"intent": "card_lost", "confidence": 0.61}, {"intent": "pin", "confidence": 0.55}
    ])]  # fmt: skip

    assert found(turns) == [
        (
            "small_margin",
            0,
            "The bot hesitated between card_lost 0.61 and pin 0.55: less than 0.10 apart.",
        )
    ]


def test_a_margin_as_large_as_the_threshold_is_not_small():
    # In binary 0.41 - 0.31 is a little less than 0.1.
    two = [{"intent": "a", "confidence": 0.41}, {"intent": "b", "confidence": 0.31}]

    assert "small_margin" not in kinds([a_turn(alternatives=two)])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, None),
        ({"confidence": 0.7, "intent": "card_lost"}, None),
        ({"alternatives": PAIR[:1]}, None),
        ({"alternatives": PAIR}, PAIR[0]["confidence"] - PAIR[1]["confidence"]),
        (
            {"alternatives": PAIR[1:], "confidence": 0.9, "intent": "pin"},
            0.9 - PAIR[1]["confidence"],
        ),
        # The bot's own choice counts once, at its own confidence.
        (
            {"alternatives": PAIR, "confidence": 0.9, "intent": PAIR[0]["intent"]},
            0.9 - PAIR[1]["confidence"],
        ),
    ],
)
def test_the_margin_is_the_best_confidence_minus_the_second(said, expected):
    guesses = two_best(a_turn(**said))

    assert (margin(*guesses) if guesses else None) == (
        None if expected is None else pytest.approx(expected)
    )


def test_an_error_is_quoted_in_one_line():
    assert found([a_turn(error="timeout\n  after 30 s")]) == [
        ("bot_error", 0, "The bot reported an error: timeout after 30 s")
    ]


def test_a_long_error_is_cut():
    sentence = found([a_turn(error="x" * 2000)])[0][2]

    assert len(sentence) < 300
    assert sentence.endswith("…")


def test_a_slow_answer_says_how_slow():
    turns = [a_turn(latency_ms=6210), a_turn(1, latency_ms=4999), a_turn(2, latency_ms=5000)]

    assert found(turns) == [
        ("slow_answer", 0, "The answer took 6.2 s."),
        ("slow_answer", 2, "The answer took 5.0 s."),
    ]


# ── what the user said of it ──────────────────────────────────────────────────────────


def test_feedback_is_about_the_turn_that_it_names():
    turns = [a_turn(0), a_turn(1), a_turn(2)]

    signals = found(turns, feedback=[an_opinion(5, thumb="down", about=turns[1].id)])

    assert signals == [("thumbs_down", 1, "The user gave a thumbs down.")]


@pytest.mark.parametrize("about", [None, key_number(7)])
@pytest.mark.parametrize(("at", "turn"), [(5, 3), (3, 3), (2, 1), (0, 1)])
def test_other_feedback_is_about_the_last_turn_before_it_or_else_the_first(at, turn, about):
    signals = found([a_turn(1), a_turn(3)], feedback=[an_opinion(at, reported=True, about=about)])

    assert signals == [("report", turn, "The user reported it.")]


def test_several_ratings_of_a_turn_are_one_signal_with_the_lowest():
    feedback = [an_opinion(1, rating=2), an_opinion(2, rating=1), an_opinion(3, rating=5)]

    assert found([a_turn(0)], feedback=feedback) == [("low_rating", 0, "The user rated it 1 of 5.")]


def test_praise_is_no_signal():
    assert found([a_turn()], feedback=[an_opinion(thumb="up", rating=5)]) == []


@pytest.mark.parametrize(("at", "turn"), [(2, 1), (1, 1), (9, 3), (0, 1)])
def test_an_escalation_is_a_signal_of_the_last_turn_before_it(at, turn):
    signals = found([a_turn(1), a_turn(3)], escalated_at=minutes(at))

    assert [(kind, place) for kind, place, _ in signals] == [("escalation", turn)]


def test_an_abandoned_conversation_is_a_signal_of_the_last_words_of_its_user():
    turns = [a_turn(0, text="hello"), a_turn(1, text="anybody?"), a_turn(2, text=" ")]

    signals = found(turns, outcome="abandoned")

    assert [(kind, place) for kind, place, _ in signals] == [("abandonment", 1)]


@pytest.mark.parametrize("outcome", ["open", "closed", "escalated"])
def test_other_ends_are_not_abandoned(outcome):
    assert found([a_turn(text="hello")], outcome=outcome) == []


def test_an_abandoned_conversation_without_words_gives_no_signal():
    assert found([a_turn()], outcome="abandoned") == []


# ── saying it again ───────────────────────────────────────────────────────────────────


def test_a_user_who_says_it_again_gives_a_signal_at_the_second_time():
    turns = [
        a_turn(0, text="I lost my card in Lisbon"),
        a_turn(1, text="no"),
        a_turn(2, text="i LOST my card in Lisbon!"),
    ]

    assert found(turns) == [("repetition", 2, "The user said nearly the same 2 turns before.")]


def test_the_nearest_time_before_is_the_one_that_is_told():
    turns = [a_turn(place, text="where is my card") for place in range(3)]

    assert found(turns)[1][2] == "The user said nearly the same 1 turn before."


@pytest.mark.parametrize("text", ["no", "Yes!", "", "  ", "???", "⟨email⟩"])
def test_one_word_may_be_said_twice(text):
    assert found([a_turn(0, text=text), a_turn(1, text=text)]) == []


def test_chinese_has_words_without_spaces():
    turns = [a_turn(0, text="我的卡不见了"), a_turn(1, text="我的卡不见了。")]

    assert kinds(turns) == ["repetition"]


def test_what_was_said_long_ago_is_not_looked_at():
    talk = [a_turn(place, text=f"word{place} and other{place}") for place in range(1, 21)]
    first, last = a_turn(0, text="where is my card"), a_turn(21, text="where is my card")

    assert kinds([first, *talk, last]) == []
    assert kinds([first, *talk[1:], last]) == ["repetition"]


def test_what_the_bot_says_again_is_no_repetition():
    assert found([a_turn(0), a_turn(1)]) == []


# ── all of them ───────────────────────────────────────────────────────────────────────


def test_the_rules_are_the_kinds_that_can_be_stored():
    assert {(rule.name, rule.title) for rule in RULES} == set(Signal.Kind.choices)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_defaults_lie_in_their_range(rule):
    assert 0 < rule.weight <= 1
    assert rule.threshold is None or rule.threshold.holds(rule.threshold.default)


def test_a_conversation_without_turns_has_no_signals():
    assert found([], feedback=[an_opinion(thumb="down")], escalated_at=minutes(0)) == []


def test_a_rule_of_weight_zero_is_switched_off():
    turns = [a_turn(confidence=0.1, error="timeout")]

    assert kinds(turns, stored={"low_confidence": {"weight": 0}}) == ["bot_error"]


def test_a_threshold_of_the_bot_takes_the_place_of_the_default():
    turns = [a_turn(confidence=0.6)]

    assert "less than 0.70." in found(turns, stored={"low_confidence": {"threshold": 0.7}})[0][2]


@pytest.mark.parametrize(
    "stored",
    [
        {"unknown": {"weight": 1}},
        {"low_confidence": None},
        {"low_confidence": 3},
        {"low_confidence": {"weight": "1", "threshold": True}},
        {"low_confidence": {"weight": 1.5, "threshold": -1}},
        {"low_rating": {"threshold": 2.5}},
        {"report": {"threshold": 3}},
    ],
)
def test_what_the_settings_hold_and_nobody_can_use_is_left_out(stored):
    assert rules_of(stored) == rules_of({})


def test_only_what_differs_from_the_defaults_is_stored():
    stored = {"low_confidence": {"threshold": 0.0}, "report": {"weight": 0.0}}

    assert differences(rules_of(stored)) == stored
    assert differences(rules_of({})) == {}


def test_the_weight_is_that_of_the_heaviest_turn_and_kinds_are_sorted():
    turns = [a_turn(0, error="timeout", latency_ms=9000), a_turn(1, confidence=0.1)]

    signals = signals_of(Transcript(turns), rules=rules_of({}))

    assert heaviest(signals) == pytest.approx(0.7 + 0.2)
    assert kinds_of(signals) == ["bot_error", "low_confidence", "slow_answer"]
    assert heaviest([]) == 0


def test_every_sentence_can_be_stored():
    """The longest names and texts that an event may hold."""
    long = [{"intent": letter * 120, "confidence": 0.5} for letter in "ab"]
    turns = [
        a_turn(place, text="same words " * 1000, intent="c" * 120, confidence=0.1,
               alternatives=long, error="e" * 2000, latency_ms=2**31 - 1)
        for place in range(3)
    ]  # fmt: skip
    feedback = [an_opinion(rating=1, thumb="down", reported=True)]

    signals = found(turns, feedback=feedback, escalated_at=minutes(1), outcome="abandoned")

    assert {kind for kind, *_ in signals} == {rule.name for rule in RULES}
    assert all(0 < len(sentence) <= 300 for *_, sentence in signals)


def test_asking_twice_gives_the_same():
    draw = random.Random(5)
    turns = [
        a_turn(place, text=draw.choice(["my card is gone", "gone is my card", "thanks a lot"]),
               confidence=draw.random(), latency_ms=draw.randrange(9000), alternatives=PAIR)
        for place in range(40)
    ]  # fmt: skip

    assert found(turns) == found(list(turns))
