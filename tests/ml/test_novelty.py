"""What people talk about that no intent covers yet."""

import numpy as np
import pytest

from ml.novelty import novelty_clusters
from tests.ml.bots import bot, fit


@pytest.fixture(scope="module")
def fitted():
    return fit(bot(120, intents=("card", "rome"), blur=1.0))


@pytest.fixture(scope="module")
def pool():
    """Every fourth row is about money, every other fourth about pizza."""
    return bot(400, intents=("card", "rome", "money", "pizza"), blur=1.0, seed=2)


def test_what_no_intent_covers_is_grouped_by_topic(fitted, pool):
    found = novelty_clusters(fitted, pool.vectors, n=2, random_state=0)

    assert set(pool.intents[found.rows]) == {"money", "pizza"}
    assert (found.size > 70).all()
    assert (found.score > fitted.pool_scope_.threshold).all()


def test_the_largest_group_comes_first(fitted, pool):
    found = novelty_clusters(fitted, pool.vectors, n=6, random_state=0)

    assert len(found.rows) == 6
    assert (np.diff(found.size) <= 0).all()


def test_only_free_rows_are_shown(fitted, pool):
    free = np.flatnonzero(pool.intents != "pizza")

    found = novelty_clusters(fitted, pool.vectors, n=3, random_state=0, among=free)

    assert len(found.rows) == 3
    assert "pizza" not in pool.intents[found.rows]


def test_the_same_seed_shows_the_same(fitted, pool):
    first, second = (
        novelty_clusters(fitted, pool.vectors, n=5, random_state=1).rows for _ in range(2)
    )

    assert first.tolist() == second.tolist()


def test_where_everything_has_an_intent_hardly_anything_is_shown(fitted):
    known = bot(200, intents=("card", "rome"), blur=1.0, seed=5)

    found = novelty_clusters(fitted, known.vectors, n=50, random_state=0)

    assert len(found.rows) < 30


def test_in_an_empty_pool_nothing_is_new(fitted, pool):
    assert len(novelty_clusters(fitted, pool.vectors[:0], n=3, random_state=0).rows) == 0
