"""Going on from weights that fitted before."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ml import continuing
from ml.continuing import chances, continued, cost_of
from ml.heads import VectorHead, fit_vector_head

N_CLASSES, N_DIMENSIONS = 4, 16


def rows_of(n, *, seed=0, classes=N_CLASSES):
    """Vectors of length 1 about their class's direction, and the codes of classes."""
    chance = np.random.default_rng(seed)
    codes = np.arange(n) % classes
    vectors = np.eye(N_DIMENSIONS)[codes] + 0.25 * chance.normal(size=(n, N_DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), codes


def fit(vectors, codes, n_classes=N_CLASSES):
    """By scikit-learn, from nothing."""
    return fit_vector_head(
        vectors, codes, n_classes=n_classes, C=20.0, weights=np.ones(len(codes), np.float32)
    )


def best_of(vectors, codes, weights=None):
    """What no other has a lower cost than, found in double precision."""
    solver = LogisticRegression(C=20.0, max_iter=3000, tol=1e-7)
    solver.fit(vectors.astype(np.float64), codes, sample_weight=weights)
    return VectorHead(np.float32(solver.coef_.T), np.float32(solver.intercept_))


def go_on(vectors, codes, start, *, weights=None, seed=0):
    weights = np.ones(len(codes), np.float32) if weights is None else weights
    return continued(vectors, codes, C=20.0, weights=weights, start=start, random_state=seed)


def cost(head, vectors, codes, weights=None):
    weights = np.ones(len(codes), np.float32) if weights is None else weights
    return cost_of(head, vectors, codes, C=20.0, weights=weights)


def nothing(n_classes=N_CLASSES):
    return VectorHead(
        np.zeros((N_DIMENSIONS, n_classes), np.float32), np.zeros(n_classes, np.float32)
    )


def one_round_alone(monkeypatch):
    """Solved closely, and whatever comes of it is the end: nothing else makes good what it did."""
    monkeypatch.setattr(continuing, "FAR", np.inf)
    monkeypatch.setattr(continuing, "ARRIVED", np.inf)


@pytest.fixture(scope="module")
def known():
    vectors, codes = rows_of(20_000)
    return vectors, codes, fit(vectors, codes)


@pytest.fixture(scope="module")
def with_corrections(known):
    """40 rows among 20,000 that lie where nothing was before, with a label that nobody expects."""
    vectors, codes, _ = known
    chance = np.random.default_rng(1)
    said = np.eye(N_DIMENSIONS)[10] + 0.1 * chance.normal(size=(40, N_DIMENSIONS))
    said /= np.linalg.norm(said, axis=1, keepdims=True)
    everything = np.concatenate([vectors, said.astype(np.float32)])
    return everything, np.concatenate([codes, np.full(40, 2)])


def test_the_cost_is_the_weighted_mean_of_minus_ln_p_and_what_large_weights_cost():
    vectors, codes = np.eye(N_DIMENSIONS, dtype=np.float32)[:2], np.array([0, 1])
    head = nothing(3)
    head.coef[0, 0] = np.log(2)  # p of the first row: 2, 1, 1 of 4

    found = cost(head, vectors, codes, np.array([3, 1], np.float32))

    losses = 3 * np.log(4 / 2) + np.log(3)
    assert found == pytest.approx((losses + np.log(2) ** 2 / 2 / 20) / 4)


@pytest.mark.parametrize("weighs", [[1.0], [0.1, 1, 10]])
def test_a_small_sample_comes_within_a_hair_of_what_is_best(
    with_corrections, known, monkeypatch, weighs
):
    """Without its linear term, or with rows that count as drawn, twice to five times as far."""
    monkeypatch.setattr(continuing, "SAMPLE", 1000)
    vectors, codes = with_corrections
    weights = np.random.default_rng(5).choice(weighs, len(codes)).astype(np.float32)
    best = best_of(vectors, codes, weights)

    found = [go_on(vectors, codes, known[2], weights=weights, seed=seed) for seed in range(6)]

    costs = [cost(head, vectors, codes, weights) for head in found]
    assert np.mean(costs) - cost(best, vectors, codes, weights) < 3e-5


@pytest.mark.parametrize("times", [0, -1, 1000])
def test_from_far_away_it_is_about_as_good_as_from_nothing(known, times):
    """Weights of another bot, or of none."""
    vectors, codes, before = known
    start = VectorHead(before.coef * np.float32(times), before.intercept * np.float32(times))

    found = go_on(vectors, codes, start)

    assert cost(found, vectors, codes) < 1.03 * cost(before, vectors, codes)
    assert not np.array_equal(found.coef, before.coef)  # it arrived, in more rounds than one


@pytest.mark.parametrize("seed", range(4))
def test_from_far_away_samples_are_solved_roughly_and_at_last_closely(monkeypatch, seed):
    """Solved closely from the start, three of these four never arrive."""
    monkeypatch.setattr(continuing, "SAMPLE", 1500)
    vectors, codes = rows_of(20_000, classes=12)
    best = cost(best_of(vectors, codes), vectors, codes)
    monkeypatch.delattr(continuing, "fit_vector_head")

    found = go_on(vectors, codes, nothing(12), seed=seed)

    assert cost(found, vectors, codes) < 1.005 * best


def test_who_does_not_arrive_is_fitted_from_nothing(known, monkeypatch):
    monkeypatch.setattr(continuing, "ARRIVED", -1)
    vectors, codes, before = known

    found = go_on(vectors, codes, before)

    assert np.array_equal(found.coef, before.coef)
    assert np.array_equal(found.intercept, before.intercept)


@pytest.mark.parametrize("seed", range(5))
def test_few_corrections_among_many_rows_are_learned(known, with_corrections, seed):
    vectors, codes = with_corrections

    found = go_on(vectors, codes, known[2], seed=seed)

    expected = fit(vectors, codes)
    right = found.logits(vectors[-40:]).argmax(axis=1) == 2
    assert right.mean() >= (expected.logits(vectors[-40:]).argmax(axis=1) == 2).mean()
    assert cost(found, vectors, codes) < cost(expected, vectors, codes) + 1e-4
    assert cost(found, vectors, codes) < cost(known[2], vectors, codes) - 1e-3


def test_of_fewer_rows_scikit_learn_goes_on_until_they_are_learned(known, with_corrections):
    vectors, codes = (np.concatenate([each[:6000], each[-10:]]) for each in with_corrections)
    weights = np.ones(len(codes), np.float32)

    found = fit_vector_head(
        vectors, codes, n_classes=N_CLASSES, C=20.0, weights=weights, start=known[2]
    )

    expected = fit(vectors, codes)
    assert cost(found, vectors, codes) < cost(expected, vectors, codes) + 1e-4


def test_what_was_known_is_still_known(known, with_corrections):
    vectors, codes, before = known

    found = go_on(*with_corrections, before)

    told = [(head.logits(vectors).argmax(axis=1) == codes).mean() for head in (before, found)]
    assert told[1] > told[0] - 0.002


def test_of_no_more_rows_than_the_sample_the_cost_is_that_of_scikit_learn():
    vectors, codes = rows_of(2000)
    weights = np.random.default_rng(3).uniform(0.5, 2, 2000).astype(np.float32)

    found = go_on(vectors, codes, nothing(), weights=weights)

    expected = fit_vector_head(vectors, codes, n_classes=N_CLASSES, C=20.0, weights=weights)
    costs = [cost(head, vectors, codes, weights) for head in (found, expected)]
    assert costs[0] == pytest.approx(costs[1], abs=2e-4)


def test_a_class_that_is_new_is_learned(known):
    vectors, codes, before = known
    new, _ = rows_of(4 * 5, seed=4, classes=5)
    new, start = new[4::5], nothing(5)
    start.coef[:, :4], start.intercept[:4] = before.coef, before.intercept
    everything, all_codes = np.concatenate([vectors, new]), np.concatenate([codes, [4] * 4])

    found = go_on(everything, all_codes, start)

    assert (found.logits(new).argmax(axis=1) == 4).all()


def test_the_seed_decides_who_is_drawn(known, with_corrections):
    first, again, other = (go_on(*with_corrections, known[2], seed=seed) for seed in (1, 1, 2))

    assert np.array_equal(first.coef, again.coef)
    assert not np.array_equal(first.coef, other.coef)


def test_a_step_that_did_harm_is_not_taken(known, monkeypatch):
    """Of two rows that are drawn nothing can be learned about 20,000."""
    monkeypatch.setattr(continuing, "SAMPLE", 2)
    one_round_alone(monkeypatch)
    vectors, codes, before = known

    found = go_on(vectors, codes, before)

    assert cost(found, vectors, codes) <= cost(before, vectors, codes)


def test_of_a_step_that_goes_too_far_the_half_is_taken(known, with_corrections, monkeypatch):
    monkeypatch.setattr(continuing, "SAMPLE", 100)
    one_round_alone(monkeypatch)

    found = [go_on(*with_corrections, known[2], seed=seed) for seed in range(3)]

    before = cost(known[2], *with_corrections)
    assert max(cost(head, *with_corrections) for head in found) < before - 1e-4


def test_rows_that_count_nothing_teach_nothing(known):
    vectors, codes, before = known
    weights = np.zeros(len(codes), np.float32)
    weights[:5000] = 1

    found = go_on(vectors, np.where(weights == 0, 0, codes), before, weights=weights)

    expected = fit(vectors[:5000], codes[:5000])
    costs = [cost(head, vectors[:5000], codes[:5000]) for head in (found, expected)]
    assert costs[0] < costs[1] + 1e-4


def test_chances_are_in_proportion_and_none_above_one():
    wanted = np.array([1.0, 2, 3, 100, 1000, 4])

    chance = chances(wanted, of=3)

    assert chances(np.array([0, 2.0, 5.0, 0]), of=3).tolist() == [0, 1, 1, 0]
    assert chance.sum() == pytest.approx(3)
    assert chance[3:5].tolist() == [1, 1]
    assert chance[[0, 1, 2, 5]] == pytest.approx(np.array([1, 2, 3, 4]) / 10)
