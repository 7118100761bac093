"""How many more labels the next point of accuracy will take."""

import numpy as np
import pytest

from ml.forecasting import forecast
from ml.plain import plain

LABELS = np.array([400, 700, 1000, 1500, 2000, 3000])


def curve(labels, *, floor=0.02, scale=6.0, slope=0.55):
    return 1 - (floor + scale * labels**-slope)


def labels_for(target, *, floor=0.02, scale=6.0, slope=0.55):
    return (scale / (1 - target - floor)) ** (1 / slope)


def measured(accuracy, *, rows=3000, seed=0):
    return np.random.default_rng(seed).binomial(rows, accuracy) / rows


def test_a_known_curve_is_gone_on_with():
    found = forecast(LABELS, curve(LABELS), 10**9, random_state=0)

    assert found.refused == ""
    assert found.accuracy == pytest.approx(curve(3000), abs=0.002)
    assert found.labels == pytest.approx(labels_for(curve(3000) + 0.01), rel=0.05)


def test_the_interval_holds_the_truth_at_least_as_often_as_it_says():
    truth, held = labels_for(curve(3000) + 0.01), 0
    for seed in range(100):
        found = forecast(
            LABELS, measured(curve(LABELS), seed=seed), 3000, random_state=0, draws=200
        )
        held += found.lower <= truth <= found.upper

    assert held >= 85


def test_fewer_test_rows_make_the_interval_wider():
    wide = forecast(LABELS, curve(LABELS), 300, random_state=0)
    narrow = forecast(LABELS, curve(LABELS), 30_000, random_state=0)

    assert wide.upper - wide.lower > 2 * (narrow.upper - narrow.lower)


def test_the_forecast_lies_in_its_interval_and_beyond_what_there_is():
    found = forecast(LABELS, measured(curve(LABELS)), 3000, random_state=0)

    assert 3000 < found.lower <= found.labels <= found.upper


@pytest.mark.parametrize(
    ("labels", "accuracy", "why"),
    [
        ([100, 200, 400], [0.6, 0.7, 0.8], "few points"),
        ([100, 100, 100, 400], [0.6, 0.7, 0.7, 0.8], "few points"),
        ([300, 400, 500, 600], [0.7, 0.75, 0.8, 0.82], "narrow"),
        ([100, 200, 400, 800], [0.7, 0.7, 0.69, 0.7], "flat"),
        ([100, 200, 400, 800], [0.8, 0.7, 0.6, 0.5], "flat"),
        ([100, 200, 400, 800], [0.98, 0.99, 0.995, 0.998], "nothing left"),
        ([], [], "few points"),
    ],
)
def test_what_cannot_be_said_is_not_said(labels, accuracy, why):
    found = forecast(labels, accuracy, 1000, random_state=0)

    assert found.refused == why
    assert found.labels is found.lower is found.upper is None


def test_a_curve_that_has_levelled_off_goes_too_far():
    accuracy = curve(LABELS, floor=0.0, scale=0.15, slope=0.05)

    assert forecast(LABELS, accuracy, 10**8, random_state=0).refused == "far"


def test_points_may_come_in_any_order():
    order = [3, 0, 5, 1, 4, 2]
    accuracy = measured(curve(LABELS))

    shuffled = forecast(LABELS[order], accuracy[order], 3000, random_state=0)

    assert shuffled == forecast(LABELS, accuracy, 3000, random_state=0)
    assert [point.labels for point in shuffled.points] == LABELS.tolist()


def test_points_without_a_curve_are_still_shown():
    points = plain(forecast([10, 20], [0.5, 0.6], 50, random_state=0))["points"]

    assert points[1] == {"labels": 20, "accuracy": pytest.approx(0.6), "fitted": None}
