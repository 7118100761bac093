"""Answers of two versions to the same rows, beside published figures and by hand."""

import numpy as np
import pytest
from scipy.stats import binomtest

from ml.pairing import Paired, apart, interval, mcnemar, needed_rows, tallied, wilson
from tests.ml.pairs import conversing, pairs


def tally(paired):
    return tallied(paired.difference, paired.conversation, np.zeros(len(paired), int), n_groups=1)


def test_a_row_that_only_one_gets_right_is_a_win_or_a_loss():
    paired = pairs(wins=1, losses=2, ties=1, both_wrong=1)

    assert paired.difference.tolist() == [1, -1, -1, 0, 0]


def test_rows_must_be_as_many():
    with pytest.raises(ValueError, match="as many rows"):
        Paired(np.array(["a"]), np.array(["a"]), np.array([], "U1"), np.array([1]))


def test_mcnemar_is_that_of_the_textbook():
    # Approval of a president, twice asked (Agresti, Categorical Data Analysis, table 11.1):
    # 150 and 86 changed their minds.
    assert mcnemar(86, 150) == pytest.approx(binomtest(86, 236).pvalue)
    # The example of statsmodels' documentation.
    assert mcnemar(121, 59) == pytest.approx(4.434e-06, rel=1e-3)


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (5, 0), (0, 5), (7, 3), (30, 41)])
def test_each_side_is_the_sign_test(wins, losses):
    n = max(wins + losses, 1)
    expected = binomtest(wins, n, alternative="greater").pvalue if wins + losses else 1

    assert mcnemar(wins, losses, side="better") == pytest.approx(expected)
    assert mcnemar(losses, wins, side="worse") == pytest.approx(expected)


def test_where_nothing_differs_nothing_is_said():
    assert mcnemar([0], [0]).tolist() == [1.0]


def test_needed_rows_are_those_of_the_rule():
    assert needed_rows(0.10, 0.02) == 1546
    assert needed_rows(0.10, 0.02, design=2) == 3093
    assert needed_rows([0.1, 0.2], 0.05).tolist() == [247, 495]


def test_so_many_rows_have_four_chances_in_five():
    chance = np.random.default_rng(0)
    rows = int(needed_rows(0.1, 0.02))
    wins, losses, _ = chance.multinomial(rows, [0.05, 0.05, 0.9], 4000).T

    lower, _ = interval(np.full(4000, rows), wins, losses)

    assert (lower > -0.02).mean() == pytest.approx(0.8, abs=0.03)


def test_a_handful_of_rows_does_not_prove_that_nothing_differs():
    assert apart(0, 0, 0) == pytest.approx(0.1)
    assert needed_rows(apart(30, 0, 0), 0.02) > 30
    assert apart(100_000, 5000, 5000) == pytest.approx(0.1, abs=1e-4)


def test_interval_is_that_of_bonett_and_price():
    # Airway reactivity of 21 children before and after: 1 and 7 of them changed (Bentur 2009, as
    # worked through in Fagerland, Lydersen, Laake 2014).
    lower, upper = interval(21, 1, 7, level=0.95)

    assert (lower, upper) == pytest.approx((-0.508, -0.013), abs=5e-4)


def test_without_rows_the_difference_may_be_anything():
    assert interval([0], [0], [0]) == ([-1.0], [1.0])


def test_rows_of_their_own_conversations_have_no_design_effect():
    tallies = tally(pairs(wins=10, losses=12, ties=100))

    assert tallies.design[0] == pytest.approx(1, abs=0.01)
    assert (tallies.won[0], tallies.lost[0]) == (10, 12)


def test_rows_said_three_times_count_once():
    once = pairs(wins=10, losses=12, ties=100)
    rows = np.repeat(np.arange(len(once)), 3)

    thrice = tally(once.at(rows))

    assert thrice.design[0] == pytest.approx(3, abs=0.05)
    assert (thrice.won[0], thrice.lost[0]) == (10, 12)


def test_a_conversation_that_wins_as_often_as_it_loses_counts_for_nobody():
    paired = pairs(wins=2, losses=2)
    together = Paired(paired.truth, paired.live, paired.candidate, np.zeros(4, int))

    tallies = tally(together)

    assert (tallies.wins[0], tallies.losses[0]) == (2, 2)
    assert (tallies.won[0], tallies.lost[0]) == (0, 0)


def test_groups_are_tallied_apart():
    paired, chance = conversing(np.random.default_rng(0), conversations=50), 3
    group = np.arange(len(paired)) % chance

    all_of_them = tallied(paired.difference, paired.conversation, group, n_groups=chance + 1)

    for number in range(chance):
        alone = tally(paired.at(group == number))
        for name in ("rows", "wins", "losses", "won", "lost"):
            assert getattr(all_of_them, name)[number] == getattr(alone, name)[0]
        assert all_of_them.design[number] == pytest.approx(alone.design[0])
    assert all_of_them.rows[chance] == 0


def test_wilson_is_that_of_the_textbook():
    # Newcombe 1998, table I: 81 of 263 and 0 of 20.
    assert wilson(81, 263, level=0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20, level=0.95) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)
