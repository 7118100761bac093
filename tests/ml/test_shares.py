"""Who a training set comes from."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

from ml.shares import habits, shares, shares_by_intent


@pytest.fixture
def chance():
    return np.random.default_rng(0)


def test_one_with_more_than_a_fifth_is_too_much():
    found = shares(np.repeat(["ana", "bo", "cy", "di", "ed"], [40, 20, 20, 15, 5]))

    assert [(one.name, one.share, one.too_much) for one in found] == [
        ("ana", 0.4, True),
        ("bo", 0.2, False),
        ("cy", 0.2, False),
        ("di", 0.15, False),
        ("ed", 0.05, False),
    ]


def test_who_is_not_known_counts_among_all_rows():
    found = shares(np.repeat(["ana", ""], [15, 85]))

    assert [(one.name, one.share) for one in found] == [("ana", 0.15)]
    assert shares(np.array([], np.str_)) == ()


def test_three_senders_who_drown_one_intent_are_named(chance):
    # 150 near-copies among 1,500 rows: no sender has more than 4 % of all.
    intents = np.concatenate([chance.choice(list("abcdefghijklmnopqr"), 1350), np.full(150, "a")])
    senders = np.concatenate(
        [np.array([f"user-{n}" for n in range(1350)]), np.repeat(["x", "y", "z"], 50)]
    )

    found = shares_by_intent(senders, intents)

    assert not any(one.too_much for one in shares(senders))
    assert [(one.name, one.intent, one.rows) for one in found] == [
        *(("x", "a", 50), ("y", "a", 50), ("z", "a", 50)),
    ]


def test_an_intent_of_few_rows_is_left_out():
    assert shares_by_intent(np.full(19, "ana"), np.full(19, "a")) == ()
    assert len(shares_by_intent(np.full(20, "ana"), np.full(20, "a"))) == 1


def labelled(chance, *, habit):
    """Five annotators; the first has 40 % of the rows, and says "pin" for "card" now and then."""
    who = np.repeat(["ana", "bo", "cy", "di", "ed"], [400, 150, 150, 150, 150])
    expected = chance.choice(["card", "pin", "limit"], 1000)
    slips = chance.random(1000) < 0.05
    given = np.where(slips, chance.choice(["card", "pin", "limit"], 1000), expected)
    given[(who == "ana") & (expected == "card") & (chance.random(1000) < habit)] = "pin"
    return who, given, expected


def test_one_with_a_habit_is_named_with_it(chance):
    found = habits(*labelled(chance, habit=0.5))

    assert [one.name for one in found] == ["ana"]
    assert (found[0].given, found[0].expected) == ("pin", "card")
    assert found[0].rows == 400
    assert found[0].apart > 3 * found[0].others_apart


def test_the_test_is_fishers(chance):
    who, given, expected = labelled(chance, habit=0.5)
    wrong, own = given != expected, who == "ana"
    table = [
        [(wrong & own).sum(), (~wrong & own).sum()],
        [(wrong & ~own).sum(), (~wrong & ~own).sum()],
    ]

    found = habits(who, given, expected)

    p = fisher_exact(table, alternative="greater").pvalue
    assert found[0].adjusted_p == pytest.approx(5 * p)


def test_where_all_slip_alike_nobody_has_a_habit(chance):
    assert sum(bool(habits(*labelled(chance, habit=0))) for _ in range(200)) <= 6


def test_one_alone_has_nobody_to_differ_from():
    assert habits(np.full(9, "ana"), np.full(9, "a"), np.full(9, "b")) == ()
    none = np.array([], np.str_)
    assert habits(none, none, none) == ()
