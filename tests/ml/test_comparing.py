"""Better, not worse, worse, or nobody can tell."""

import numpy as np
import pytest

from ml.comparing import accuracy_alone, compare_accuracy
from ml.pairing import Paired
from ml.plain import plain
from tests.ml.pairs import equals, pairs


def test_thirty_rows_tell_nothing_however_good_they_look():
    found = compare_accuracy(pairs(wins=4, ties=26))

    assert found.verdict == "inconclusive"
    assert found.rows_needed > 1000


def test_thirty_rows_on_which_nothing_differs_tell_nothing_either():
    found = compare_accuracy(pairs(ties=30))

    assert found.verdict == "inconclusive"
    assert found.rows_needed == pytest.approx(619, abs=1)


def test_no_rows_tell_what_it_would_take():
    found = compare_accuracy(pairs())

    assert (found.verdict, found.rows, found.rows_needed) == ("inconclusive", 0, 1546)
    assert plain(found)["live"] is None


def test_enough_rows_without_a_loss_are_not_worse():
    found = compare_accuracy(pairs(wins=100, losses=100, ties=1800))

    assert found.verdict == "not worse"
    assert -0.02 < found.lower < 0 < found.upper
    assert found.rows_needed is None


def test_more_wins_than_chance_has_are_better():
    assert compare_accuracy(pairs(wins=130, losses=70, ties=1800)).verdict == "better"


def test_a_loss_larger_than_the_margin_is_worse():
    found = compare_accuracy(pairs(wins=60, losses=140, ties=1800))

    assert found.verdict == "worse"
    assert found.difference == pytest.approx(-0.04)
    assert found.p_worse < 1e-6


def test_a_sure_loss_within_the_margin_is_not_worse():
    found = compare_accuracy(pairs(wins=100, losses=200, ties=19_700))

    assert found.p_worse < 0.001
    assert found.verdict == "not worse"


def test_a_loss_that_may_be_chance_takes_more_rows():
    found = compare_accuracy(pairs(wins=90, losses=110, ties=1800))

    assert found.verdict == "inconclusive"
    assert found.rows_needed > 2000


def test_who_loses_as_much_as_may_be_on_rows_enough_is_worse():
    assert compare_accuracy(pairs(wins=100, losses=142, ties=1758)).verdict == "worse"


def test_plain_harm_is_named_even_on_few_rows():
    assert compare_accuracy(pairs(losses=40, ties=60)).verdict == "worse"


def test_many_small_losses_do_not_hide_behind_one_long_conversation():
    # 40 rows won in one conversation, 30 lost in 30: more rows are right, and it is no gain.
    rows = pairs(wins=40, losses=30, ties=3000)
    owner = np.where(np.arange(len(rows)) < 40, -1, rows.conversations)
    found = compare_accuracy(Paired(rows.truth, rows.live, rows.candidate, owner))

    assert (found.won, found.lost) == (1, 30)
    assert found.verdict != "better"
    assert found.design > 5


def test_equal_versions_are_rarely_called_worse_or_better():
    chance = np.random.default_rng(0)

    said = [compare_accuracy(equals(chance, rows=2500)).verdict for _ in range(400)]

    assert said.count("worse") <= 0.015 * 400
    assert said.count("better") <= 0.07 * 400
    assert said.count("not worse") >= 0.6 * 400


def test_a_candidate_as_bad_as_the_margin_rarely_passes():
    chance = np.random.default_rng(0)
    wins, losses, ties = chance.multinomial(2000, [0.05, 0.07, 0.88], 400).T

    said = [
        compare_accuracy(pairs(*parts)).verdict
        for parts in zip(wins.tolist(), losses.tolist(), ties.tolist(), strict=True)
    ]

    assert said.count("not worse") + said.count("better") <= 0.075 * 400


def test_a_first_version_takes_rows_enough_to_know_it():
    found = accuracy_alone(np.full(400, "a"), np.repeat(["a", "b"], [320, 80]))

    assert (found.precise, found.accuracy, found.rows_needed) == (True, 0.8, None)


def test_thirty_rows_that_are_all_right_do_not_make_a_first_version_known():
    found = accuracy_alone(np.full(30, "a"), np.full(30, "a"))

    assert (found.precise, found.rows_needed) == (False, 100)


def test_a_first_version_on_too_few_rows_says_how_many_it_takes():
    found = accuracy_alone(np.full(30, "a"), np.repeat(["a", "b"], [24, 6]))

    assert not found.precise
    assert 150 < found.rows_needed < 250
    assert accuracy_alone(np.array([], "U1"), np.array([], "U1")).rows_needed > 0
