"""Many questions at once, beside R's p.adjust and SciPy."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from ml.verdicts import WORSE, benjamini_hochberg, holm, statuses


def test_holm_is_that_of_the_textbook():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_adjusted_values_stay_probabilities():
    assert holm([0.6, 0.9]).tolist() == [1.0, 1.0]
    assert benjamini_hochberg([0.6, 0.9]) == pytest.approx([0.9, 0.9])


def test_benjamini_hochberg_is_that_of_scipy():
    p = np.random.default_rng(0).random(50) ** 3

    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p))


def test_no_questions_are_no_answers():
    assert len(holm([])) == len(benjamini_hochberg([])) == 0


def test_even_one_false_alarm_is_rare():
    chance = np.random.default_rng(0)

    alarms = [(holm(chance.random(40)) <= 0.05).any() for _ in range(2000)]

    assert np.mean(alarms) == pytest.approx(0.05, abs=0.015)


def test_what_cannot_be_told_is_neither_fine_nor_regressed():
    found = statuses(
        np.array([0.01, 1.0, 1.0]), np.array([-0.5, -0.5, -0.01]), alpha=0.05, margin=0.1
    )

    assert found == ["regressed", "inconclusive", "fine"]


def test_all_rows_together_call_equals_worse_by_one_in_twenty():
    assert sum(WORSE.values()) == pytest.approx(0.05)
