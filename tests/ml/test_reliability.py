"""How honest confidence is, and how much traffic it may be left alone with."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from ml.plain import plain
from ml.reliability import automation, reliability


@pytest.fixture
def answers():
    chance = np.random.default_rng(0)
    confidence = chance.uniform(0.3, 1, 3000)
    return confidence, chance.random(3000) < confidence - 0.1


def test_figures_are_those_of_scikit_learn(answers):
    found = reliability(*answers, bins=10)
    right, confidence = calibration_curve(answers[1], answers[0], n_bins=10, strategy="quantile")

    assert found.brier == pytest.approx(brier_score_loss(answers[1], answers[0]))
    assert [one.right for one in found.bins] == pytest.approx(right.tolist())
    assert [one.confidence for one in found.bins] == pytest.approx(confidence.tolist())


def test_the_error_is_the_bins_mean_distance(answers):
    found = reliability(*answers)
    apart = [one.rows * abs(one.confidence - one.right) for one in found.bins]

    assert found.error == pytest.approx(sum(apart) / 3000)
    assert found.surplus == pytest.approx(0.1, abs=0.02)


def test_known_answers_have_a_known_error():
    found = reliability([0.9, 0.9, 0.6, 0.6], [True, True, True, False], bins=2)

    assert found.error == pytest.approx((0.1 + 0.1) / 2)
    assert found.brier == pytest.approx((0.01 + 0.01 + 0.16 + 0.36) / 4)


def test_the_share_may_be_anywhere_in_its_interval(answers):
    for one in reliability(*answers).bins:
        assert 0 <= one.lower < one.right < one.upper <= 1


def test_fewer_rows_than_bins_are_a_bin_each():
    assert len(reliability([0.5, 0.6], [True, False]).bins) == 2


def test_of_nothing_there_is_no_figure():
    assert plain(reliability([], [])) == {
        **{"rows": 0, "error": None, "brier": None, "surplus": None, "bins": []}
    }
    found = automation([], [])
    assert (found.coverage, found.curve) == (0, ())


def test_what_may_be_left_alone_begins_at_a_confidence():
    found = automation([0.9, 0.8, 0.7, 0.6], [True, True, False, True], precision=1.0)

    assert (found.coverage, found.confidence) == (0.5, 0.8)
    assert [(one.coverage, one.precision) for one in found.curve] == [
        (0.25, 1.0),
        (0.5, 1.0),
        (0.75, pytest.approx(2 / 3)),
        (1.0, 0.75),
    ]


def test_where_no_answer_is_sure_enough_nothing_is_left_alone():
    found = automation([0.9, 0.8], [False, False])

    assert found.coverage == 0
    assert plain(found)["confidence"] is None


def test_the_curve_ends_with_everything_and_has_few_points(answers):
    curve = automation(*answers, points=20).curve

    assert len(curve) == 20
    assert curve[-1].coverage == 1
    assert curve[-1].precision == pytest.approx(answers[1].mean())


def test_equally_sure_answers_are_one_point():
    assert len(automation([0.9, 0.9, 0.5], [True, False, True]).curve) == 2
