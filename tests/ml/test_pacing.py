"""How long answers take."""

from ml.pacing import FEWEST, odd, usual


def test_what_is_far_from_the_median_is_odd_the_farthest_first():
    seconds = [4.0, 5.0, 6.0, 5.0] * 10 + [0.2, 900.0]

    assert odd(seconds).tolist() == [41, 40]
    assert usual(seconds) == 5


def test_twice_as_long_is_nothing_however_even_somebody_works():
    assert odd([5.0] * 40 + [10.0, 2.5]).tolist() == []


def test_few_times_say_nothing():
    assert odd([5.0] * (FEWEST - 2) + [900.0]).tolist() == []
    assert odd([]).tolist() == []
    assert usual([]) is None
