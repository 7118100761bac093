"""How far macro-F1 would stray if other conversations had come."""

from dataclasses import replace

import numpy as np
import pytest

from ml.evaluating import macro_f1
from ml.pairing import Paired
from ml.plain import plain
from ml.resampling import compare_macro_f1, drawn_macro_f1
from tests.ml.pairs import conversing, equals, pairs


@pytest.fixture
def chance():
    return np.random.default_rng(1)


def test_a_draw_is_macro_f1_of_the_conversations_drawn(chance):
    paired = conversing(chance, conversations=40)
    live, candidate = drawn_macro_f1(paired, draws=3, random_state=5)
    drawn = np.random.default_rng(5).integers(0, 40, (40, 3), np.int32)

    for draw in range(3):
        rows = np.concatenate(
            [np.flatnonzero(paired.conversations == one) for one in drawn[:, draw]]
        )
        assert live[draw] == pytest.approx(macro_f1(paired.truth[rows], paired.live[rows]))
        assert candidate[draw] == pytest.approx(
            macro_f1(paired.truth[rows], paired.candidate[rows])
        )


def test_the_same_seed_draws_the_same(chance):
    paired = conversing(chance, conversations=40)

    first, second = (compare_macro_f1(paired, random_state=0) for _ in range(2))

    assert first == second
    assert first != compare_macro_f1(paired, random_state=1)


def test_blocks_of_draws_are_all_there(chance, monkeypatch):
    paired = conversing(chance, conversations=40)
    monkeypatch.setattr("ml.resampling.BLOCK", 41)

    live, _ = drawn_macro_f1(paired, draws=7, random_state=0)

    assert live.shape == (7,)
    assert len(set(live.tolist())) == 7


def test_ninety_percent_cover_ninety_percent_and_rows_do_not(chance):
    many = conversing(chance, conversations=50_000)
    true = macro_f1(many.truth, many.candidate) - macro_f1(many.truth, many.live)
    by_conversation = by_row = 0

    for run in range(120):
        paired = conversing(chance, conversations=150)
        of = compare_macro_f1(paired, random_state=run, draws=200)
        by_conversation += of.lower <= true <= of.upper
        alone = replace(paired, conversations=np.arange(len(paired)))
        of = compare_macro_f1(alone, random_state=run, draws=200)
        by_row += of.lower <= true <= of.upper

    assert 0.85 <= by_conversation / 120 <= 0.95
    assert by_row / 120 < 0.8


def test_two_that_answer_the_same_are_not_worse():
    found = compare_macro_f1(pairs(ties=400, both_wrong=40), random_state=0)

    assert found.verdict == "not worse"
    assert found.lower == found.upper == 0


def test_a_clear_gain_is_better_and_a_clear_loss_is_worse(chance):
    paired = conversing(chance, conversations=600)
    other = Paired(paired.truth, paired.candidate, paired.live, paired.conversations)

    assert compare_macro_f1(paired, random_state=0).verdict == "better"
    assert compare_macro_f1(other, random_state=0).verdict == "worse"


def test_a_few_conversations_tell_nothing(chance):
    paired = equals(chance, rows=5000, intents=4, conversations=20)

    found = compare_macro_f1(paired, random_state=0)

    assert found.verdict == "inconclusive"
    assert found.conversations_needed >= 30


def test_no_rows_have_no_figures():
    found = compare_macro_f1(pairs(), random_state=0)

    assert found.verdict == "inconclusive"
    assert plain(found)["lower"] is plain(found)["live"] is None


def test_figures_are_those_of_all_rows(chance):
    paired = equals(chance, rows=500)

    found = compare_macro_f1(paired, random_state=0)

    assert found.live == macro_f1(paired.truth, paired.live)
    assert found.difference == pytest.approx(found.candidate - found.live)
    assert found.live_lower < found.live < found.live_upper
