"""ml/grouping.py and ml/alike_pairs.py: groups of alike vectors, and who does not belong."""

import numpy as np
import pytest

from ml.alike_pairs import alike_pairs, centred, of_length_one
from ml.grouping import groups_of, known_directions, nearest_known, shape_of


@pytest.fixture
def random():
    return np.random.default_rng(7)


def around(random, centre, n, *, spread=0.05):
    """`n` vectors of length 1 that lie around a direction."""
    noise = random.normal(size=(n, len(centre))) * spread
    return of_length_one((centre + noise).astype(np.float32))


def axes(n, dimensions=32):
    return np.eye(n, dimensions, dtype=np.float32)


def test_the_pairs_are_those_of_comparing_all_with_all(random):
    vectors = of_length_one(random.normal(size=(300, 12)).astype(np.float32))
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, -1)
    best = np.sort(np.argsort(-cosine, axis=1)[:, :5], axis=1)
    expected = {
        (min(row, other), max(row, other))
        for row in range(300)
        for other in best[row].tolist()
        if cosine[row, other] >= 0.3
    }

    for block in (1000, 64):
        pairs = alike_pairs(vectors, n=5, least=0.3, block=block)

        assert set(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True)) == expected
        assert np.allclose(pairs.cosine, cosine[pairs.one, pairs.other])
        assert (np.diff(pairs.cosine) <= 0).all()


def test_groups_are_found_and_the_largest_comes_first(random):
    one, two, three = axes(3)
    vectors = np.concatenate(
        [around(random, one, 5), around(random, two, 9), around(random, three, 1)]
    )

    groups = groups_of(vectors)

    assert [rows.tolist() for rows in groups] == [list(range(5, 14)), list(range(5))]


def test_the_order_of_the_rows_does_not_matter(random):
    vectors = np.concatenate([around(random, axis, 20, spread=0.15) for axis in axes(6)])
    order = random.permutation(len(vectors))

    as_they_are = {frozenset(rows.tolist()) for rows in groups_of(vectors)}
    shuffled = {frozenset(order[rows].tolist()) for rows in groups_of(vectors[order])}

    assert shuffled == as_they_are


def test_no_group_is_larger_than_asked_for_and_equal_ones_fill_them(random):
    vectors = np.repeat(axes(1), 50, axis=0)

    groups = groups_of(vectors, most=10)

    assert max(map(len, groups)) == 10
    assert sum(map(len, groups)) >= 40


@pytest.mark.parametrize("n", [0, 1])
def test_few_or_none_are_no_group(n):
    assert groups_of(axes(1)[:n]) == []


def test_what_says_nothing_is_in_no_group():
    assert groups_of(np.zeros((5, 8), np.float32)) == []


def test_what_all_have_in_common_is_taken_away(random):
    common = axes(1, 40)[0] * 3
    vectors = np.concatenate(
        [around(random, common + axis, 300) for axis in axes(5, 40)[1:]]
    ).astype(np.float16)
    assert (vectors.astype(np.float32) @ vectors[0] > 0.6).all()

    assert len(groups_of(centred(vectors), most=1000)) == 4


def test_few_vectors_say_little_of_their_middle(random):
    vectors = around(random, axes(1)[0], 3)

    assert [len(rows) for rows in groups_of(centred(vectors))] == [3]


def test_centring_is_around_all_that_are_given(random):
    rows = around(random, axes(1)[0], 4)

    assert np.allclose(centred(rows, around=rows[:0]), rows)
    assert centred(rows[:0], around=rows).shape == (0, 32)


def test_who_lies_apart_is_an_outlier_and_nobody_of_a_tight_group_is(random):
    one, two = axes(2)
    loose = np.concatenate([around(random, one, 9), around(random, one + two, 1)])

    shape = shape_of(loose)

    assert shape.is_far.tolist() == [False] * 9 + [True]
    assert shape.likeness.argmin() == 9
    assert not shape_of(around(random, one, 9, spread=0.001)).is_far.any()
    assert shape_of(loose[:1]).is_far.tolist() == [False]


def test_each_is_said_to_be_near_the_label_whose_middle_is_nearest(random):
    one, two, three = axes(3)
    known = known_directions(
        np.concatenate([around(random, one, 4), around(random, two, 3), around(random, three, 2)]),
        np.array([7] * 4 + [9] * 3 + [11] * 2),
    )

    place = nearest_known(np.stack([two, one, three]), known)

    assert known.names.tolist() == [7, 9]  # two rows are too few
    assert place.tolist() == [1, 0, -1]
    assert nearest_known(axes(2), known_directions(axes(0), np.empty(0, np.int64))).tolist() == [
        -1,
        -1,
    ]
