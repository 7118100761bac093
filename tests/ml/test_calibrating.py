"""Logits become honest probabilities."""

import numpy as np
import pytest

from ml.calibrating import log_loss, log_probabilities, probabilities, temperature_of


@pytest.fixture
def honest():
    """Logits whose probabilities are what is right how often."""
    chance = np.random.default_rng(0)
    logits = chance.normal(scale=2, size=(20_000, 5)).astype(np.float32)
    drawn = (probabilities(logits).cumsum(axis=1) < chance.random((20_000, 1))).sum(axis=1)
    return logits, drawn.clip(max=4)


@pytest.mark.parametrize("times", [0.2, 1.0, 5.0])
def test_exaggeration_is_taken_back(honest, times):
    logits, codes = honest

    assert temperature_of(logits * np.float32(times), codes) == pytest.approx(times, rel=0.03)


def test_temperature_changes_no_answer(honest):
    logits, _ = honest

    assert np.array_equal(probabilities(logits, 7).argmax(axis=1), logits.argmax(axis=1))


def test_enormous_logits_do_not_overflow():
    logits = np.array([[1e30, 0, -1e30]], np.float32)

    assert probabilities(logits).tolist() == [[1, 0, 0]]
    assert np.isfinite(log_probabilities(logits)).all()


def test_log_loss_of_a_coin_is_that_of_a_coin():
    assert log_loss(np.zeros((3, 2), np.float32), np.array([0, 1, 1])) == pytest.approx(np.log(2))


def test_logits_are_left_as_they_were(honest):
    logits, codes = honest
    before = logits.copy()

    probabilities(logits), log_probabilities(logits), temperature_of(logits, codes)

    assert np.array_equal(logits, before)


def test_without_rows_the_temperature_is_one():
    assert temperature_of(np.empty((0, 3), np.float32), np.empty(0, np.intp)) == 1
