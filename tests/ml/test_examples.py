"""What is learned from, and how it is parted."""

import numpy as np
import pytest

from ml.examples import Examples, about, evened, folds_of


@pytest.fixture
def chance():
    return np.random.default_rng(0)


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="as many rows"):
        Examples(["a"], np.zeros((2, 3)), np.array(["x", "y"]), np.arange(2))


@pytest.mark.parametrize("rows", [[], [3], [2, 3, 4], [4, 3, 2], [0, 2, 4], [1, 1, 2]])
def test_rows_are_those_asked_for_in_that_order(chance, rows):
    vectors = chance.normal(size=(5, 3)).astype(np.float16)
    examples = Examples(
        list("abcde"), vectors, np.arange(5), np.arange(5) * 10, np.ones(5, np.float32) * 2
    )

    for found in (
        examples.at(np.array(rows, np.intp)),
        examples.in_single_precision(np.array(rows, np.intp)),
    ):
        assert found.texts == ["abcde"[row] for row in rows]
        assert np.array_equal(found.vectors, vectors[rows])
        assert found.intents.tolist() == rows
        assert found.groups.tolist() == [row * 10 for row in rows]
        assert found.weights is not None and len(found.weights) == len(rows)
    assert found.vectors.dtype == np.float32


def test_rows_one_behind_the_other_are_not_copied(chance):
    examples = Examples(["a"] * 9, chance.normal(size=(9, 3)), np.arange(9), np.arange(9))

    assert np.shares_memory(examples.at(np.arange(2, 7)).vectors, examples.vectors)


def test_a_conversation_stays_on_one_side(chance):
    groups = chance.integers(0, 60, 500)
    codes = chance.integers(0, 4, 500)

    part = folds_of(codes, groups, n=5, random_state=0)

    assert all(len(set(part[groups == group])) == 1 for group in set(groups))
    assert set(part) == {0, 1, 2, 3, 4}


def test_every_part_has_its_share_of_every_class():
    codes = np.repeat([0, 1, 2], [50, 25, 5])

    part = folds_of(codes, np.arange(80), n=5, random_state=0)

    for n in range(5):
        assert np.bincount(codes[part == n]).tolist() == [10, 5, 1]


def test_keys_of_conversations_may_be_strings():
    groups = np.array(["c1", "c2", "c1", "c3"])

    part = folds_of(np.zeros(4, np.intp), groups, n=3, random_state=0)

    assert part[0] == part[2]


def test_the_seed_decides_who_is_where():
    codes, groups = np.zeros(100, np.intp), np.arange(100)

    first, again, other = (folds_of(codes, groups, n=5, random_state=s) for s in (1, 1, 2))

    assert first.tolist() == again.tolist() != other.tolist()


def test_about_as_many_rows_are_picked_each_class_by_its_share():
    codes = np.repeat([0, 1], [900, 100])

    rows = about(codes, np.arange(1000), rows=200, random_state=0)

    assert np.bincount(codes[rows]).tolist() == [180, 20]
    assert about(codes, np.arange(1000), rows=2000, random_state=0).tolist() == list(range(1000))


def test_rare_classes_count_more_and_at_most_threefold():
    codes = np.repeat([0, 1, 2], [100, 25, 1])

    weights = evened(codes, None)

    assert weights[100] == pytest.approx(weights[0])  # 25 is the median
    assert weights[125] == pytest.approx(3 * weights[0])
    assert weights.mean() == pytest.approx(1)


def test_what_rows_count_by_themselves_is_kept():
    weights = evened(np.array([0, 0, 1, 1]), np.array([1, 2, 3, 4]))

    assert weights.tolist() == pytest.approx([1, 2, 3, 4])
