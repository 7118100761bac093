"""Figures of how good answers are, beside scikit-learn's own and by hand."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from ml.evaluating import (
    accuracy,
    auroc,
    calibration_error,
    coverage,
    figures_of,
    found_at,
    macro_f1,
)


@pytest.fixture
def chance():
    return np.random.default_rng(0)


def test_accuracy_is_the_share_of_right_answers():
    assert accuracy(["a", "b", "a", "c"], ["a", "b", "b", "c"]) == 0.75


def test_macro_f1_is_that_of_scikit_learn(chance):
    truth, answers = chance.choice(list("abcd"), (2, 200), p=[0.7, 0.2, 0.08, 0.02])

    assert macro_f1(truth, answers) == pytest.approx(f1_score(truth, answers, average="macro"))


def test_macro_f1_counts_a_class_that_was_only_answered():
    assert macro_f1(["a", "a"], ["a", "b"]) == pytest.approx((2 / 3 + 0) / 2)


def test_who_is_as_sure_as_right_has_hardly_an_error(chance):
    confidence = chance.uniform(0.3, 1, 100_000)
    right = chance.random(100_000) < confidence

    assert calibration_error(confidence, right) < 0.005


def test_who_is_too_sure_by_a_tenth_has_an_error_of_a_tenth(chance):
    confidence = chance.uniform(0.3, 1, 100_000)
    right = chance.random(100_000) < confidence - 0.1

    assert calibration_error(confidence, right) == pytest.approx(0.1, abs=0.005)


def test_bins_hold_as_many_rows_each():
    # By width, 0.9 and 0.91 would be one bin and nothing would be seen.
    confidence, right = [0.90] * 10 + [0.91] * 10, [True] * 10 + [False] * 10

    assert calibration_error(confidence, right, bins=2) == pytest.approx((0.1 + 0.91) / 2)


def test_coverage_is_the_share_that_can_be_left_alone():
    confidence = [0.9, 0.8, 0.7, 0.6, 0.5]
    right = [True, True, False, True, False]

    assert coverage(confidence, right, precision=1.0) == 0.4
    assert coverage(confidence, right, precision=0.75) == 0.8
    assert coverage(confidence, right, precision=0.5) == 1.0


def test_equally_sure_answers_are_covered_together():
    assert coverage([0.9, 0.9], [True, False], precision=0.95) == 0.0


def test_auroc_is_that_of_scikit_learn(chance):
    inside, outside = chance.integers(0, 8, 100), chance.integers(3, 12, 60)
    truth = np.repeat([0, 1], [100, 60])

    expected = roc_auc_score(truth, np.concatenate([inside, outside]))

    assert auroc(inside, outside) == pytest.approx(expected)


def test_found_at_says_what_is_seen_at_some_false_alarms():
    assert found_at(np.arange(100), [200, 200, 0, 0], false_alarms=0.05) == 0.5


def test_of_nothing_there_is_no_figure():
    assert np.isnan([accuracy([], []), macro_f1([], []), calibration_error([], [])]).all()
    assert np.isnan([auroc([], [1]), auroc([1], [])]).all()
    assert coverage([], []) == 0.0


def test_all_figures_of_answers_with_probabilities():
    proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]])

    found = figures_of(np.array([0, 1, 1, -1]), proba)

    assert found["rows"] == 4
    assert found["accuracy"] == 0.5
    assert found["coverage"] == 0.5  # 0.9 and 0.8 are right
    assert 0 < found["calibration_error"] < 1
    assert figures_of(np.empty(0, np.intp), np.empty((0, 2))) == {}
