"""Which intents are taken for which."""

import numpy as np
from sklearn.metrics import confusion_matrix

from ml.confusing import most_confused
from ml.pairing import OUT_OF_SCOPE, Paired
from tests.ml.pairs import equals, joined, pairs


def test_the_most_frequent_pair_comes_first():
    rows = joined(
        pairs(both_wrong=3, ties=7, truth="card_lost", other="card_stolen"),
        pairs(losses=2, truth="card_stolen", other="card_lost"),
        pairs(wins=5, truth="pin", other="card_lost"),
    )

    first, second = most_confused(rows).pairs

    assert (first.truth, first.answer) == ("card_lost", "card_stolen")
    assert (first.candidate, first.live, first.share) == (3, 3, 0.3)
    assert (second.truth, second.answer, second.candidate, second.live) == (
        *("card_stolen", "card_lost"),
        *(2, 0),
    )


def test_the_matrix_is_that_of_scikit_learn():
    paired = equals(np.random.default_rng(0), rows=800, intents=10)

    found = most_confused(paired, heated=6)

    assert len(found.names) == 6
    assert list(found.names) == sorted(found.names)
    expected = confusion_matrix(paired.truth, paired.candidate, labels=list(found.names))
    assert found.matrix == tuple(map(tuple, expected.tolist()))


def test_only_so_many_pairs_are_shown():
    paired = equals(np.random.default_rng(0), rows=2000)
    pairs_found = most_confused(paired, n=7).pairs

    assert len(pairs_found) == 7
    assert [one.candidate for one in pairs_found] == sorted(
        (one.candidate for one in pairs_found), reverse=True
    )


def test_out_of_scope_can_be_confused_and_is_not_in_the_matrix():
    found = most_confused(pairs(losses=2, ties=3, truth=OUT_OF_SCOPE, other="pin"))

    assert (found.pairs[0].truth, found.pairs[0].answer) == (OUT_OF_SCOPE, "pin")
    assert found.names == ("pin",)


def test_without_errors_nothing_is_confused():
    assert most_confused(pairs(ties=5)).pairs == ()
    none = np.array([], np.str_)
    assert most_confused(Paired(none, none, none, np.array([], int))).matrix == ()
