"""Which labels look wrong."""

from dataclasses import replace

import numpy as np
import pytest

from ml.examples import TooLittle
from ml.noise import doubted, suspects_of
from ml.plain import plain
from tests.ml.bots import bot

INTENTS = ("card", "rome", "money", "pizza")


def spoiled(examples, *, share, seed=0):
    """Give some rows another intent. Return them, and which."""
    chance = np.random.default_rng(seed)
    rows = chance.choice(len(examples), round(share * len(examples)), replace=False)
    intents = examples.intents.copy()
    for row in rows:
        intents[row] = chance.choice([name for name in INTENTS if name != intents[row]])
    return replace(examples, intents=intents), rows


def test_reading_five_percent_again_finds_most_of_what_is_wrong():
    examples, wrong = spoiled(bot(800, intents=INTENTS, blur=1.5), share=0.05)

    found = suspects_of(examples, random_state=0)

    assert np.isin(found.rows[:40], wrong).sum() >= 0.7 * 40


def test_they_are_ranked_by_doubt_and_say_what_fits_better():
    examples, wrong = spoiled(bot(400, intents=INTENTS, blur=1.0), share=0.05)
    right = bot(400, intents=INTENTS, blur=1.0).intents

    found = suspects_of(examples, random_state=0)

    assert (np.diff(found.doubt) <= 0).all()
    assert ((found.doubt > 0) & (found.doubt <= 1)).all()
    first = found.rows[: len(wrong)]
    assert (found.better[: len(wrong)] == right[first]).mean() > 0.9


def test_without_noise_little_is_doubted():
    found = suspects_of(bot(400, intents=INTENTS, blur=1.0), random_state=0)

    assert found.plain <= 4


def test_more_noise_makes_more_labels_look_plainly_wrong():
    examples, _ = spoiled(bot(400, intents=INTENTS, blur=1.0), share=0.05)

    assert suspects_of(examples, random_state=0).plain >= 12


def test_rows_of_one_conversation_do_not_vouch_for_each_other():
    # Each conversation says the same wrong thing five times over.
    examples = bot(400, intents=INTENTS, blur=0.3)
    rows = np.repeat(np.arange(8), 5)
    intents = np.concatenate([examples.intents, np.full(40, "pizza")])
    more = examples.at(np.concatenate([np.arange(400), rows]))
    groups = np.concatenate([np.arange(400), 1000 + rows])
    copies = replace(more, intents=intents, groups=groups)

    found = suspects_of(copies, random_state=0)

    not_pizza = 400 + np.flatnonzero(examples.intents[rows] != "pizza")
    assert np.isin(not_pizza, found.rows[:45]).mean() > 0.8


def test_doubt_is_by_hand():
    proba = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.3, 0.5]])

    found = doubted(proba, np.array([2, 1, 0]), np.array(["a", "b", "c"]))

    assert found.rows.tolist() == [0, 2]
    assert found.doubt == pytest.approx([0.6, 0.3])
    assert found.better.tolist() == ["a", "c"]
    assert plain(found) == {
        "rows": [0, 2],
        "doubt": pytest.approx([0.6, 0.3]),
        "better": ["a", "c"],
    }


def test_the_same_seed_doubts_the_same():
    examples, _ = spoiled(bot(200, intents=INTENTS), share=0.05)

    first, second = (suspects_of(examples, random_state=3) for _ in range(2))

    assert np.array_equal(first.rows, second.rows)
    assert np.array_equal(first.doubt, second.doubt)


def test_an_intent_of_one_row_cannot_be_doubted():
    examples = bot(200, intents=INTENTS)
    intents = examples.intents.copy()
    intents[7] = "alone"

    assert 7 not in suspects_of(replace(examples, intents=intents), random_state=0).rows


def test_nothing_is_not_doubted():
    assert len(doubted(np.empty((0, 2)), np.empty(0, int), np.array(["a", "b"]))) == 0
    with pytest.raises(TooLittle):
        suspects_of(bot(10, intents=("card",)), random_state=0)
