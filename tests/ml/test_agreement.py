"""How far people agree, against what was published and against scikit-learn."""

from math import isnan

import numpy as np
import pytest
from scipy.stats import fisher_exact
from sklearn.metrics import cohen_kappa_score

from ml.agreement import (
    SpanMatches,
    alpha_per_category,
    cohen_kappa,
    coincidences,
    fell_by_chance,
    kappa_of_margins,
    kappa_per_category,
    krippendorff_alpha,
    span_f1,
    span_matches,
)

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: parts A, B and C.
MEG, OWEN = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
BEN, GERRY = list("aabbdcccedda"), list("babbbccceddd")
FOUR_WITH_GAPS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
# 14 people put each of 10 subjects into one of 5 categories; Fleiss' kappa is 0.210 (the worked
# example of Fleiss 1971's statistic that is printed most).
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


def two_people(n, *, seed):
    chance = np.random.default_rng(seed)
    one = chance.integers(0, 5, n)
    return one, np.where(chance.random(n) < 0.7, one, chance.integers(0, 5, n))


def table_of(one, other, k=5):
    found = np.zeros((k, k))
    np.add.at(found, (one, other), 1)
    return found


def test_kappa_of_the_diagnoses_in_cohen_1960():
    assert cohen_kappa([[88, 14, 18], [10, 40, 10], [2, 6, 12]]) == pytest.approx(0.492, abs=5e-4)


@pytest.mark.parametrize("seed", range(5))
def test_kappa_is_that_of_scikit_learn(seed):
    one, other = two_people(300, seed=seed)
    table = table_of(one, other)

    assert cohen_kappa(table) == pytest.approx(cohen_kappa_score(one, other))
    by_category = kappa_per_category(table.sum(axis=1), table.sum(axis=0), np.diagonal(table))
    wanted = [cohen_kappa_score(one == category, other == category) for category in range(5)]
    assert by_category == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("ratings", "alpha"),
    [([MEG, OWEN], 0.095), ([BEN, GERRY], 0.692), (FOUR_WITH_GAPS, 0.743)],
    ids=["A: two, binary", "B: two, nominal", "C: four, with gaps"],
)
def test_alpha_of_the_examples_in_krippendorff_2011(ratings, alpha):
    _, matrix = coincidences(ratings)

    assert krippendorff_alpha(matrix) == pytest.approx(alpha, abs=5e-4)


def test_the_coincidences_of_krippendorff_2011():
    categories, matrix = coincidences(FOUR_WITH_GAPS)

    assert categories == [1, 2, 3, 4, 5]
    # As printed in part C.
    assert matrix.sum() == pytest.approx(40)
    assert matrix.sum(axis=1) == pytest.approx([9, 13, 10, 5, 3])
    assert np.diagonal(matrix) == pytest.approx([7, 10, 8, 4, 3])


def test_alpha_is_fleiss_kappa_but_for_the_size_of_the_sample():
    people = np.array([np.repeat(np.arange(5), counts) for counts in FLEISS]).T.tolist()

    alpha = krippendorff_alpha(coincidences(people)[1])

    # Without gaps alpha corrects for the N · n values: 1 - alpha = (1 - 1 / Nn) (1 - kappa).
    kappa = 1 - (1 - alpha) / (1 - 1 / 140)
    assert kappa == pytest.approx(0.210, abs=5e-4)


def test_alpha_of_a_category_is_that_of_yes_or_no():
    categories, matrix = coincidences(FOUR_WITH_GAPS)

    found = alpha_per_category(matrix.sum(axis=1), np.diagonal(matrix))

    for category, alpha in zip(categories, found, strict=True):
        yes_or_no = [
            [None if said is None else said == category for said in person]
            for person in FOUR_WITH_GAPS
        ]
        assert alpha == pytest.approx(krippendorff_alpha(coincidences(yes_or_no)[1]))


def test_several_others_count_as_one_who_said_all_they_said():
    me, her = two_people(200, seed=1)
    me_too, him = two_people(100, seed=2)
    table = table_of(np.concatenate([me, me_too]), np.concatenate([her, him]))

    kappa = kappa_of_margins(table.sum(axis=1), table.sum(axis=0), np.diagonal(table))

    both = cohen_kappa_score(np.concatenate([me, me_too]), np.concatenate([her, him]))
    assert kappa == pytest.approx(both)


def test_nothing_is_said_of_nothing_or_of_one_category():
    assert isnan(cohen_kappa(np.zeros((3, 3))))
    assert isnan(cohen_kappa([[7, 0], [0, 0]]))
    assert isnan(krippendorff_alpha(np.zeros((2, 2))))
    assert isnan(krippendorff_alpha([[14, 0], [0, 0]]))
    assert np.isnan(alpha_per_category([14, 0], [14, 0])).all()
    assert isnan(span_f1(0, 0, 0))
    assert coincidences([[], []])[0] == []
    assert krippendorff_alpha(coincidences([["a", None], [None, "b"]])[1]) != 1


def test_spans_meet_exactly_or_by_a_code_point():
    found = span_matches([(0, 4), (10, 16), (20, 22)], [(0, 4), (12, 18), (22, 25)])

    assert found == SpanMatches(first=3, second=3, exact=1, overlapping=2)
    assert span_f1(found.exact, found.first, found.second) == pytest.approx(1 / 3)
    assert span_f1(found.overlapping, found.first, found.second) == pytest.approx(2 / 3)


def test_a_span_is_paired_once_and_as_many_as_can_be_are():
    # The long one meets both; it must leave the first to who has no other.
    assert span_matches([(0, 20), (0, 5)], [(3, 6), (10, 12)]).overlapping == 2
    assert span_matches([(0, 20)], [(3, 6), (10, 12)]).overlapping == 1
    assert span_matches([], [(3, 6)]) == SpanMatches(0, 1, 0, 0)


@pytest.mark.parametrize(
    ("before", "now"), [((90, 100), (30, 40)), ((5, 9), (9, 9)), ((400, 500), (0, 3))]
)
def test_whether_a_share_fell_is_fishers_exact_test(before, now):
    rows = [[now[0], now[1] - now[0]], [before[0], before[1] - before[0]]]

    expected = fisher_exact(rows, alternative="less").pvalue
    assert fell_by_chance(before, now) == pytest.approx(expected)
    assert fell_by_chance((0, 0), now) == 1
