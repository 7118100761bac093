"""ml/growth.py"""

import numpy as np

from ml.growth import LEAST, most_expected


def test_without_counts_there_is_nothing_to_say():
    assert most_expected([], []).shape == (0,)


def test_one_that_grows_out_of_step_is_beyond_what_is_expected():
    before, now = [100] * 10, [120] * 9 + [250]

    most = most_expected(before, now)

    assert (np.asarray(now) > most).tolist() == [False] * 9 + [True]


def test_growth_in_step_is_expected_however_large():
    assert (most_expected([100] * 5, [900] * 5) > 900).all()


def test_a_second_one_does_not_hide_the_first():
    before, now = [100] * 10, [110] * 8 + [300, 300]

    assert (np.asarray(now) > most_expected(before, now)).sum() == 2


def test_growth_that_varies_a_lot_lets_more_pass():
    before = [100] * 9
    even, uneven = [120] * 9, [101, 150, 103, 160, 100, 140, 104, 155, 101]

    assert most_expected(before, uneven)[0] > most_expected(before, even)[0] + 40


def test_a_few_more_rows_are_never_remarkable():
    assert most_expected([1, 1, 1, 1], [1, 1, 1, 15])[3] == 1 + LEAST


def test_what_is_new_and_what_has_no_company_is_not_judged():
    assert np.isinf(most_expected([0, 5, 5, 5, 5], [900, 5, 5, 5, 5])[0])
    assert np.isinf(most_expected([5, 5, 5], [5, 5, 900])).all()


def test_shrinking_counts_as_no_growth():
    assert most_expected([100] * 5, [0] * 5)[0] == 100 + LEAST
