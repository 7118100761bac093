"""Parts of the traffic."""

import numpy as np
import pytest

from ml.pairing import Paired
from ml.slicing import compare_slices, gap_between, lengths
from tests.ml.pairs import equals, joined, pairs


@pytest.fixture
def split():
    """A web that gains and a phone that loses as much."""
    return joined(
        pairs(wins=60, ties=840, both_wrong=100), pairs(losses=60, ties=840, both_wrong=100)
    ), {"channel": np.repeat(["web", "phone"], 1000)}


def test_who_pays_for_what_others_gain_is_named(split):
    found = compare_slices(*split)

    assert [(one.value, one.status) for one in found] == [("phone", "regressed"), ("web", "fine")]
    assert (found[0].live, found[0].candidate) == (0.9, 0.84)


def test_the_gap_is_to_all_other_rows(split):
    phone, web = compare_slices(*split)

    assert phone.gap == pytest.approx(0.84 - 0.90)
    assert phone.gap_lower < phone.gap < phone.gap_upper < 0 < web.gap_lower


def test_the_gaps_interval_is_that_of_newcombe():
    # Newcombe 1998, table II, method 10: 56 of 70 and 48 of 80.
    assert gap_between(56, 70, 48, 80, level=0.95) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_fewer_than_fifty_rows_are_not_tested():
    found = compare_slices(
        pairs(losses=49, ties=201), {"language": np.repeat(["pt", "en"], [49, 201])}
    )

    assert [(one.value, one.status) for one in found] == [("en", "fine"), ("pt", "too few")]
    assert found[1].p == found[1].adjusted_p == 1


def test_what_is_not_known_is_left_out():
    found = compare_slices(pairs(ties=200), {"language": np.repeat(["en", ""], 100)})

    assert [(one.value, one.rows) for one in found] == [("en", 100)]


def test_all_rows_of_one_value_have_no_gap():
    one = compare_slices(pairs(ties=200), {"language": np.full(200, "en")})[0]

    assert np.isnan(one.gap)


def test_many_slices_of_equals_are_rarely_called_regressed():
    chance = np.random.default_rng(0)
    regressed = 0
    for _ in range(200):
        paired = equals(chance, rows=1500)
        slices = {
            name: chance.choice(list(values), 1500).astype("U2")
            for name, values in (("channel", "abcd"), ("language", "xyz"), ("returning", "yn"))
        }
        found = compare_slices(paired, slices)
        regressed += any(one.status == "regressed" for one in found)

    assert regressed <= 0.02 * 200


def test_values_are_needed_for_each_row():
    with pytest.raises(ValueError, match="each of 3 rows"):
        compare_slices(pairs(ties=3), {"channel": np.array(["web"])})


def test_conversations_of_many_turns_count_once():
    rows = pairs(losses=8, ties=92)
    many = np.repeat(np.arange(100), 10)
    found = compare_slices(
        Paired(rows.truth[many], rows.live[many], rows.candidate[many], many),
        {"channel": np.full(1000, "web")},
    )

    assert found[0].losses == 80
    assert found[0].p == pytest.approx(0.5**8)


def test_lengths_are_told_by_words():
    assert lengths(["hi", "where is my new card please", "one two " * 8]).tolist() == [
        "short",
        "medium",
        "long",
    ]
    assert lengths(["我想知道我的银行卡为什么还没有寄到我家里来" * 12]).tolist() == ["long"]
    assert lengths([]).tolist() == []
