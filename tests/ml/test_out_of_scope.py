"""How sure one can be that a text belongs to none of the intents."""

import numpy as np
import pytest

from ml.out_of_scope import FALSE_ALARMS, NEVER, nearness, scope_of

REFERENCE = np.eye(8, dtype=np.float32)[:6]


def test_nearness_is_the_mean_cosine_of_the_five_nearest():
    assert nearness(np.eye(8)[:1], REFERENCE).tolist() == pytest.approx([0.2])
    assert nearness(np.eye(8)[7:], REFERENCE).tolist() == [0]


def test_fewer_than_five_to_compare_with_are_all():
    assert nearness(np.eye(8)[:1], REFERENCE[:2]).tolist() == [0.5]
    assert nearness(np.eye(8)[:1], REFERENCE[:0]).tolist() == [0]


def test_a_share_of_the_usual_is_above_the_threshold():
    chance = np.random.default_rng(0)
    largest, near = chance.normal(5, 2, 2000), chance.normal(0.7, 0.1, 2000)

    scope, score = scope_of(largest, near, REFERENCE)

    assert (score > scope.threshold).mean() == pytest.approx(FALSE_ALARMS, abs=0.002)
    assert score.mean() == pytest.approx(0, abs=1e-5)


def test_unsure_and_far_is_further_outside_than_either():
    chance = np.random.default_rng(0)
    scope, _ = scope_of(chance.normal(5, 2, 100), chance.normal(0.15, 0.02, 100), REFERENCE)
    near, far = np.eye(8)[:1], np.eye(8)[7:]
    sure, unsure = np.array([[5, 0]], np.float32), np.array([[1, 0]], np.float32)

    both = scope.score(far, unsure)

    assert both > scope.score(near, unsure) > scope.score(near, sure)
    assert both > scope.score(far, sure)


def test_without_a_measure_nothing_is_flagged():
    none = np.empty(0, np.float32)

    scope, score = scope_of(none, none, REFERENCE)

    assert scope.threshold == NEVER
    assert len(score) == 0
