"""How sure one can be that a text belongs to none of the intents."""

from dataclasses import replace

import numpy as np
import pytest

from ml.out_of_scope import (
    FALSE_ALARMS,
    NEVER,
    WORTH_IT,
    QuickScope,
    Scope,
    nearness,
    quick,
    scope_of,
)

REFERENCE = np.eye(8, dtype=np.float32)[:6]


def test_nearness_is_the_mean_cosine_of_the_five_nearest():
    assert nearness(np.eye(8)[:1], REFERENCE).tolist() == pytest.approx([0.2])
    assert nearness(np.eye(8)[7:], REFERENCE).tolist() == [0]


def test_fewer_than_five_to_compare_with_are_all():
    assert nearness(np.eye(8)[:1], REFERENCE[:2]).tolist() == [0.5]
    assert nearness(np.eye(8)[:1], REFERENCE[:0]).tolist() == [0]


@pytest.mark.parametrize("n", [1, 99, 1599, 1600, 3999, 4017])
def test_of_many_the_nearest_are_those_that_ordering_all_finds(n):
    chance = np.random.default_rng(n)
    vectors, among = (chance.normal(size=(rows, 4)).round(1) for rows in (50, n))
    cosine = (vectors.astype(np.float32) @ among.astype(np.float32).T).astype(np.float64)

    expected = np.sort(cosine, axis=1)[:, -5:].mean(axis=1)

    assert nearness(vectors, among) == pytest.approx(expected, abs=1e-6)


def test_a_share_of_the_usual_is_above_the_threshold():
    chance = np.random.default_rng(0)
    largest, near = chance.normal(5, 2, 2000), chance.normal(0.7, 0.1, 2000)

    scope, score = scope_of(largest, near, REFERENCE)

    assert (score > scope.threshold).mean() == pytest.approx(FALSE_ALARMS, abs=0.002)
    assert score.mean() == pytest.approx(0, abs=1e-5)


def test_unsure_and_far_is_further_outside_than_either():
    chance = np.random.default_rng(0)
    scope, _ = scope_of(chance.normal(5, 2, 100), chance.normal(0.15, 0.02, 100), REFERENCE)
    near, far = np.eye(8)[:1], np.eye(8)[7:]
    sure, unsure = np.array([[5, 0]], np.float32), np.array([[1, 0]], np.float32)

    both = scope.score(far, unsure)

    assert both > scope.score(near, unsure) > scope.score(near, sure)
    assert both > scope.score(far, sure)


def test_without_a_measure_nothing_is_flagged():
    none = np.empty(0, np.float32)

    scope, score = scope_of(none, none, REFERENCE)

    assert scope.threshold == NEVER
    assert len(score) == 0


def clustered(n, *, random_state=0, wide=40):
    """Vectors of length 1 in `wide` of 512 directions and a little in all, as sentences have."""
    chance = np.random.default_rng(random_state)
    centres = np.random.default_rng(99).normal(size=(30, 512)) * (np.arange(512) < wide)
    vectors = centres[chance.integers(30, size=n)] + chance.normal(scale=0.3, size=(n, 512))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def scope_with(reference):
    return Scope(np.asarray(reference, np.float16), 5.0, 2.0, 0.7, 0.1, 1.0)


@pytest.mark.parametrize("wide", [40, 512], ids=["few directions", "all directions"])
@pytest.mark.parametrize("n_texts", [1, 3, 40])
def test_the_quick_way_to_few_texts_scores_as_the_long_one(n_texts, wide):
    scope = scope_with(clustered(3000, wide=wide))
    texts = clustered(n_texts, random_state=1, wide=wide)
    texts[0] = scope.reference[7]  # what was labelled is asked about, too
    logits = np.random.default_rng(2).normal(5, 2, size=(n_texts, 9)).astype(np.float32)

    ready = quick(scope)

    assert isinstance(ready, QuickScope)
    assert ready.score(texts, logits) == pytest.approx(scope.score(texts, logits), abs=1e-4)


def test_the_quick_way_looks_at_few_of_all():
    scope = quick(scope_with(clustered(3000)))
    looked_at = []

    class Counted(np.ndarray):
        def __getitem__(self, which):
            rows = super().__getitem__(which)
            looked_at.append(len(rows) if rows.ndim == 2 else 0)
            return rows

    counted = replace(scope, reference=scope.reference.view(Counted))
    counted.score(clustered(1, random_state=1), np.ones((1, 2), np.float32))

    assert sum(looked_at) < 600


def test_what_is_far_from_everything_has_a_score_too():
    nothing = np.zeros((1, 512), np.float32)
    scope = scope_with(clustered(1000))

    assert quick(scope).score(nothing, np.ones((1, 2), np.float32)) == pytest.approx(
        scope.score(nothing, np.ones((1, 2), np.float32))
    )


def test_of_few_rows_or_dimensions_all_are_read():
    assert not isinstance(quick(scope_with(clustered(WORTH_IT - 1))), QuickScope)
    assert not isinstance(quick(scope_with(clustered(2000)[:, :64])), QuickScope)
