"""What would have been learned from fewer labels."""

import numpy as np
import pytest

from ml.evaluating import accuracy
from ml.examples import TooLittle
from ml.forecasting import forecast
from ml.relearning import learned_from_fewer
from ml.searching import Setting, fit_head
from tests.ml.bots import bot

INTENTS = ("card", "rome", "money", "pizza")
SETTING = Setting("vectors", 20.0)


@pytest.fixture(scope="module")
def points():
    examples, test = (
        bot(n, intents=INTENTS, blur=3.0, seed=seed) for n, seed in ((1600, 0), (900, 1))
    )
    return learned_from_fewer(examples, test, setting=SETTING, random_state=0)


def test_each_point_has_twice_the_labels_of_the_one_before(points):
    assert [point.labels for point in points] == [50, 100, 200, 400, 800, 1600]
    assert {point.rows for point in points} == {900}


def test_more_labels_are_more_right(points):
    assert points[-1].accuracy > points[0].accuracy + 0.05


def test_the_last_point_is_that_of_all_rows(points):
    examples, test = (
        bot(n, intents=INTENTS, blur=3.0, seed=seed) for n, seed in ((1600, 0), (900, 1))
    )
    head = fit_head(examples, SETTING, random_state=0)
    said = np.unique(examples.intents)[head.logits(test.vectors).argmax(axis=1)]

    assert points[-1].accuracy == pytest.approx(accuracy(test.intents, said), abs=0.005)


def test_a_forecast_can_be_made_of_them(points):
    found = forecast(
        [point.labels for point in points],
        [point.accuracy for point in points],
        [point.rows for point in points],
        random_state=0,
    )

    assert len(found.points) == 6
    assert found.refused not in ("few points", "narrow")


def test_few_labels_have_few_points():
    examples = bot(120, intents=INTENTS)

    points = learned_from_fewer(examples, examples, setting=SETTING, random_state=0)

    assert [point.labels for point in points] == [64, 120]


def test_nothing_to_learn_from_and_nothing_to_test_on():
    examples = bot(120, intents=INTENTS)

    assert learned_from_fewer(examples, bot(0), setting=SETTING, random_state=0) == ()
    with pytest.raises(TooLittle):
        learned_from_fewer(bot(60, intents=("card",)), examples, setting=SETTING, random_state=0)
