"""What to ask people next."""

import warnings

import numpy as np
import pytest

from ml import sampling
from ml.sampling import draw_next, margin_and_clusters, typiclust
from tests.ml.bots import DIMENSIONS, bot, fit


@pytest.fixture(scope="module")
def fitted():
    return fit(bot(90), candidates=["vectors"])


@pytest.fixture(scope="module")
def pool():
    return bot(600, blur=2.0, seed=3).vectors


def test_close_calls_are_drawn(fitted, pool):
    draw = draw_next(fitted, pool, n=20, random_state=0)

    proba = sampling.PoolScorer(fitted).predict_proba(pool)
    margin = sampling.margins(proba)
    assert len(set(draw.rows.tolist())) == 20
    assert np.array_equal(draw.value, margin[draw.rows])
    closest = np.argsort(margin, kind="stable")[: 20 * sampling.CLOSE_CALLS]
    assert set(draw.rows.tolist()) <= set(closest.tolist())


def test_of_alike_close_calls_one_in_the_middle_is_drawn(fitted, pool):
    """And not one at the edge, however close a call it is."""
    middle, aside = np.zeros((2, DIMENSIONS), np.float32)
    middle[:2], aside[5] = (1, 1), 1  # between two intents, and beside that
    apart = [0.0, 0.1, -0.1, 0.1, -0.1, 2.0]
    rows = np.array([middle + share * aside for share in apart], np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    class Unsure:
        def predict_proba(self, vectors):
            best = np.linspace(0.55, 0.5, len(vectors), dtype=np.float32)  # the last is the closest
            return np.stack([best, 1 - best], axis=1)

    picked, margin = margin_and_clusters(Unsure(), rows, n_instances=1)

    assert picked.tolist() != [5]
    assert picked.tolist()[0] in range(5)
    assert margin[0] > 0


def test_of_equally_central_ones_the_closest_call_is_drawn():
    rows = np.repeat(np.eye(DIMENSIONS, dtype=np.float32)[:1], 6, axis=0)

    class Unsure:
        def predict_proba(self, vectors):
            best = np.array([0.6, 0.7, 0.51, 0.8, 0.9, 0.55], np.float32)[: len(vectors)]
            return np.stack([best, 1 - best], axis=1)

    picked, _ = margin_and_clusters(Unsure(), rows, n_instances=1)

    assert picked.tolist() == [2]


def test_what_many_are_alike_to_is_asked_first():
    chance = np.random.default_rng(0)
    axes = np.eye(DIMENSIONS)
    wide, tight = (
        axes[axis] + chance.normal(scale=scale, size=(8, DIMENSIONS)) * (np.arange(DIMENSIONS) > 1)
        for axis, scale in ((0, 0.2), (1, 0.02))
    )
    rows = np.concatenate([wide, tight]).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    class Unsure:
        def predict_proba(self, vectors):
            return np.tile(np.array([[0.5, 0.5]], np.float32), (len(vectors), 1))

    picked, _ = margin_and_clusters(Unsure(), rows, n_instances=2)

    assert [row >= len(wide) for row in picked.tolist()] == [True, False]


def test_what_is_drawn_is_spread(fitted, pool):
    proba = sampling.PoolScorer(fitted).predict_proba(pool)
    closest = np.argsort(sampling.margins(proba))[:20]

    def alike(rows):
        vectors = pool[rows].astype(np.float32)
        return (vectors @ vectors.T - np.eye(len(rows))).max(axis=1).mean()

    assert alike(draw_next(fitted, pool, n=20, random_state=0).rows) < alike(closest)


def test_the_same_seed_draws_the_same(fitted, pool):
    first, second = (draw_next(fitted, pool, n=10, random_state=7) for _ in range(2))

    assert first.rows.tolist() == second.rows.tolist()


def test_only_free_rows_are_drawn(fitted, pool):
    free = np.arange(1, 600, 3)

    draw = draw_next(fitted, pool, n=50, random_state=0, among=free)

    assert len(draw.rows) == 50
    assert set(draw.rows.tolist()) <= set(free.tolist())
    margin = sampling.margins(sampling.PoolScorer(fitted).predict_proba(pool))
    assert np.allclose(draw.value, margin[draw.rows], atol=1e-5)


def test_a_pool_smaller_than_wanted_is_drawn_whole(fitted, pool):
    draw = draw_next(fitted, pool[:5], n=20, random_state=0)

    assert sorted(draw.rows.tolist()) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("among", [None, np.empty(0, np.intp)])
def test_from_an_empty_pool_nothing_is_drawn(fitted, pool, among):
    empty = pool if among is not None else pool[:0]

    assert len(draw_next(fitted, empty, n=5, random_state=0, among=among).rows) == 0


def test_where_all_is_the_same_as_many_are_drawn_all_the_same(fitted, pool):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw = draw_next(fitted, np.repeat(pool[:1], 100, axis=0), n=10, random_state=0)

    assert len(set(draw.rows.tolist())) == 10


def test_a_pool_in_a_file_is_read_block_by_block(fitted, pool, tmp_path, monkeypatch):
    np.save(tmp_path / "pool.npy", pool)
    mapped = np.load(tmp_path / "pool.npy", mmap_mode="r")
    whole = draw_next(fitted, pool, n=20, random_state=0)
    monkeypatch.setattr(sampling, "BLOCK", 64)

    draw = draw_next(fitted, mapped, n=20, random_state=0)

    assert draw.rows.tolist() == whole.rows.tolist()
    assert max(len(block) for _, block in sampling.blocks_of(mapped)) == 64


# ── words ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def knows_words():
    return fit(bot(90), candidates=["both"])


@pytest.fixture(scope="module")
def said():
    return bot(600, blur=2.0, seed=3)


def test_what_words_make_clear_is_not_asked(knows_words, said):
    draw = draw_next(
        knows_words, said.vectors, n=20, random_state=0,
        texts=lambda rows: [said.texts[row] for row in rows.tolist()],
    )  # fmt: skip

    margin = sampling.margins(knows_words.predict_proba(said.texts, said.vectors))
    assert np.allclose(draw.value, margin[draw.rows], atol=1e-5)
    by_vectors = draw_next(knows_words, said.vectors, n=20, random_state=0)
    assert margin[draw.rows].mean() < margin[by_vectors.rows].mean()


def test_of_the_pool_few_texts_are_read(knows_words, said):
    read = []

    def texts(rows):
        read.extend(rows.tolist())
        return [said.texts[row] for row in rows.tolist()]

    free = np.arange(0, 600, 2)
    draw = draw_next(knows_words, said.vectors, n=2, random_state=0, among=free, texts=texts)

    by_vectors = sampling.margins(sampling.PoolScorer(knows_words).predict_proba(said.vectors))
    closest = free[np.argsort(by_vectors[free], kind="stable")[: 2 * sampling.READ]]
    assert sorted(read) == sorted(closest.tolist())
    assert set(draw.rows.tolist()) <= set(read)


def test_who_knows_no_words_reads_none(fitted, pool):
    with_texts = draw_next(fitted, pool, n=20, random_state=0, texts=None)

    draw = draw_next(fitted, pool, n=20, random_state=0, texts=lambda rows: 1 / 0)

    assert draw.rows.tolist() == with_texts.rows.tolist()


# ── modAL ─────────────────────────────────────────────────────────────────────────────


def test_modal_asks_what_we_fitted():
    """Its teach() fails with this scikit-learn. Should it work one day, this says so."""
    from modAL.models import ActiveLearner
    from sklearn.linear_model import LogisticRegression

    examples = bot(90)
    vectors = examples.vectors.astype(np.float32)
    learner = ActiveLearner(
        LogisticRegression().fit(vectors, examples.intents), margin_and_clusters
    )

    rows, asked = learner.query(vectors, n_instances=4)

    assert len(rows) == 4
    assert np.array_equal(asked, vectors[rows])
    with pytest.raises(TypeError, match="force_all_finite"):
        learner.teach(vectors[rows], examples.intents[rows])


def test_an_error_of_ours_comes_through_modal(fitted, pool):
    with pytest.raises(ValueError, match="matmul"):
        draw_next(fitted, pool[:, :3], n=2, random_state=0)


# ── a start without labels ────────────────────────────────────────────────────────────


def test_a_cold_start_meets_every_topic():
    examples = bot(400, intents=("card", "rome", "money", "pizza"), blur=1.0)

    draw = typiclust(examples.vectors, n=4, random_state=0)

    assert set(examples.intents[draw.rows]) == {"card", "rome", "money", "pizza"}
    assert np.isclose(draw.value.sum(), 1)
    assert (np.diff(draw.value) <= 0).all()


def test_a_cold_start_takes_what_is_typical_and_not_what_is_odd():
    chance = np.random.default_rng(0)
    vectors = chance.normal(scale=0.05, size=(50, DIMENSIONS)) + np.eye(DIMENSIONS)[0]
    vectors[0] = np.eye(DIMENSIONS)[1] * 3

    assert typiclust(vectors, n=1, random_state=0).rows[0] != 0


def test_a_cold_start_of_a_large_pool_looks_at_a_part(monkeypatch):
    monkeypatch.setattr(sampling, "LOOKED_AT", 100)

    draw = typiclust(bot(400).vectors, n=10, random_state=0)

    assert len(set(draw.rows.tolist())) == 10
    assert draw.rows.max() > 100


@pytest.mark.parametrize(("rows", "drawn"), [(0, 0), (1, 1), (3, 3)])
def test_a_cold_start_of_a_small_pool_takes_all(rows, drawn):
    assert len(typiclust(bot(rows).vectors, n=5, random_state=0).rows) == drawn
