"""What became of the turns that people corrected."""

import numpy as np

from ml.replaying import replay


def test_each_turn_is_in_one_of_four():
    truth = np.array(["a", "a", "a", "a", "b"])
    before = np.array(["b", "b", "a", "a", "a"])
    now = np.array(["a", "c", "b", "a", "b"])

    found = replay(truth, before, now)

    assert (found.fixed, found.still_wrong) == ((0, 4), (1,))
    assert (found.newly_broken, found.kept) == ((2,), (3,))
    assert found.rows == 5


def test_nothing_corrected_is_nothing_replayed():
    none = np.array([], np.str_)

    assert replay(none, none, none).rows == 0
