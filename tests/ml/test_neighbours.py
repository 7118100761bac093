"""ml/neighbours.py: the most alike vectors."""

import numpy as np
import pytest

from ml.neighbours import nearest


def directions(*degrees):
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1)


def test_the_most_alike_come_first():
    rows, cosine = nearest(directions(22), directions(10, 20, 30, 40), n=3)

    assert rows.tolist() == [[1, 2, 0]]
    assert cosine[0] == pytest.approx(np.cos(np.radians([2, 8, 12])), abs=1e-6)


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_it_is_exact_whatever_the_size_of_a_block(block):
    rng = np.random.default_rng(0)
    among = rng.standard_normal((100, 8)).astype(np.float16)
    asked = rng.standard_normal((5, 8))

    rows, cosine = nearest(asked, among, n=4, block=block)

    all_of_them = asked.astype(np.float32) @ among.astype(np.float32).T
    assert rows.tolist() == np.argsort(-all_of_them, axis=1, kind="stable")[:, :4].tolist()
    assert cosine == pytest.approx(-np.sort(-all_of_them, axis=1)[:, :4], abs=1e-5)


@pytest.mark.parametrize("block", [1, 2, 10])
def test_of_two_equally_alike_the_first_comes_first(block):
    rows, _ = nearest(directions(0), directions(10, 5, 10, 5), n=4, block=block)

    assert rows.tolist() == [[1, 3, 0, 2]]


def test_fewer_than_wanted_are_all_found():
    rows, cosine = nearest(directions(0, 90), directions(80), n=3)

    assert rows.tolist() == [[0], [0]]
    assert cosine.shape == (2, 1)


def test_among_nothing_nothing_is_found():
    rows, cosine = nearest(directions(0, 90), np.empty((0, 2), np.float16), n=3)

    assert rows.shape == cosine.shape == (2, 0)


def test_for_nothing_nothing_is_found():
    rows, _ = nearest(np.empty((0, 2)), directions(0, 90), n=1)

    assert rows.shape == (0, 1)
