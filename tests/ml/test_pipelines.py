"""From gold labels to a classifier of intents."""

import numpy as np
import pytest

from ml.classifiers import IntentClassifier
from ml.evaluating import accuracy
from ml.examples import Examples, TooLittle, numbered
from ml.searching import laid_out, splits_of
from tests.ml.bots import DIMENSIONS, bot, fit, vectors_of


@pytest.fixture(scope="module")
def examples():
    return bot(240, blur=1.5)


@pytest.fixture(scope="module")
def fitted(examples):
    return fit(examples)


@pytest.fixture(scope="module")
def unseen():
    return bot(300, blur=1.5, seed=1)


def test_what_was_learned_holds_for_what_was_not_seen(fitted, unseen):
    answers = fitted.predict(unseen.texts, unseen.vectors)

    assert accuracy(unseen.intents, answers) > 0.95


def test_probabilities_are_of_every_class_in_order_and_sum_to_one(fitted, unseen):
    proba = fitted.predict_proba(unseen.texts, unseen.vectors)

    assert fitted.classes_.tolist() == ["card", "money", "rome"]
    assert proba.shape == (300, 3)
    assert np.allclose(proba.sum(axis=1), 1, atol=1e-5)


def test_the_likeliest_come_first(fitted, unseen):
    intents, probability = fitted.top_k(unseen.texts, unseen.vectors, k=2)

    assert intents.shape == probability.shape == (300, 2)
    assert (probability[:, 0] >= probability[:, 1]).all()
    assert np.array_equal(intents[:, 0], fitted.predict(unseen.texts, unseen.vectors))


def test_more_than_there_are_classes_are_all(fitted, unseen):
    assert fitted.top_k(unseen.texts, unseen.vectors, k=5)[0].shape == (300, 3)


def test_no_texts_are_no_answers(fitted):
    nothing = np.empty((0, DIMENSIONS), np.float16)

    assert fitted.predict_proba([], nothing).shape == (0, 3)
    assert fitted.top_k([], nothing)[0].shape == (0, 3)
    assert fitted.out_of_scope_score([], nothing).shape == (0,)


def test_the_same_data_and_seed_give_the_same_bits(examples, fitted, unseen):
    again = fit(examples)

    first, second = (each.top_k(unseen.texts, unseen.vectors) for each in (fitted, again))
    assert first[0].tolist() == second[0].tolist()
    assert first[1].tobytes() == second[1].tobytes()


def test_everything_that_was_tried_is_told_and_one_candidate_is_chosen(fitted):
    last = fitted.scores_[-3:]

    assert [score.name.split(",")[0] for score in last] == ["vectors", "words", "both"]
    assert len({score.rows for score in last}) == 1
    assert [score.name.split(",")[0] for score in fitted.scores_ if score.chosen] == [
        fitted.candidate_
    ]
    assert min(last, key=lambda score: score.log_loss).chosen


def test_words_alone_can_win(examples):
    blind = Examples(
        examples.texts,
        vectors_of(["card"] * 240, np.random.default_rng(0), blur=1.0),
        examples.intents,
        examples.groups,
    )

    fitted = fit(blind)

    assert fitted.candidate_ in ("words", "both")
    assert fitted.share_ >= 0.5
    assert accuracy(blind.intents, fitted.predict(blind.texts, blind.vectors)) > 0.9


def test_a_bot_can_be_kept_to_vectors(examples, unseen):
    fitted = fit(examples, candidates=["vectors"])

    assert fitted.words_ is None
    assert {score.name.split(",")[0] for score in fitted.scores_} == {"vectors"}
    assert np.array_equal(
        fitted.predict_proba(unseen.texts, unseen.vectors),
        fitted.predict_proba([], unseen.vectors),
    )


@pytest.mark.parametrize("candidates", [[], ["vectors", "forest"]])
def test_an_unknown_candidate_is_refused_with_the_known_ones(examples, candidates):
    with pytest.raises(ValueError, match="Candidates are some of vectors, words, both"):
        fit(examples, candidates=candidates)


def test_two_intents_are_enough(unseen):
    fitted = fit(bot(60, intents=("card", "rome")))

    two = unseen.at(np.flatnonzero(unseen.intents != "money"))
    assert accuracy(two.intents, fitted.predict(two.texts, two.vectors)) > 0.95
    assert np.allclose(fitted.predict_proba(two.texts, two.vectors).sum(axis=1), 1, atol=1e-5)


def test_one_intent_is_refused_with_its_name():
    with pytest.raises(TooLittle, match='at least two intents, and there is only one: "card"'):
        fit(bot(9, intents=("card",)))


def test_no_examples_are_refused():
    with pytest.raises(TooLittle, match="at least two intents, and there is none"):
        fit(bot(0))


def test_three_labels_are_enough_to_begin_with():
    fitted = fit(bot(3))

    assert fitted.predict_proba(["where is my card"], bot(1).vectors).shape == (1, 3)
    assert fitted.temperature_ == 1


def test_hardly_more_labels_than_intents_are_learned_without_a_warning():
    examples = bot(30)
    many = np.array([f"intent {row % 20}" for row in range(30)])

    fitted = fit(Examples(examples.texts, examples.vectors, many, examples.groups))

    assert len(fitted.classes_) == 20


def test_an_intent_of_a_single_conversation_is_learned_but_not_measured():
    examples = bot(61, intents=("card", "rome"))
    alone = Examples(
        examples.texts,
        np.vstack([examples.vectors[:-1], bot(1, intents=("pizza",)).vectors]),
        np.append(examples.intents[:-1], "pizza"),
        examples.groups,
    )

    fitted = fit(alone)

    assert fitted.classes_.tolist() == ["card", "pizza", "rome"]
    assert {score.rows for score in fitted.scores_} <= {60}


def test_turns_of_one_conversation_are_never_on_both_sides():
    # Of every intent one conversation repeats itself. Torn apart, it would be known by heart.
    chance = np.random.default_rng(0)
    groups = np.repeat(np.arange(12), 10)
    intents = np.array(["card", "rome"])[groups % 2]
    directions = chance.normal(size=(12, DIMENSIONS))[groups]
    vectors = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    examples = Examples(["same"] * 120, vectors.astype(np.float16), intents, groups)

    fitted = fit(examples, candidates=["vectors"])

    assert fitted.scores_[-1].accuracy < 0.8


def test_a_row_that_counts_nothing_teaches_nothing():
    examples = bot(120)
    wrong = np.where(np.arange(120) < 60, "money", examples.intents)
    weights = np.where(np.arange(120) < 60, 1e-6, 1).astype(np.float32)

    fitted = fit(
        Examples(examples.texts, examples.vectors, wrong, examples.groups, weights),
        candidates=["vectors"],
    )

    assert accuracy(examples.intents, fitted.predict([], examples.vectors)) > 0.9


def test_the_search_ends_when_half_of_the_time_is_gone(examples):
    hurried = fit(examples, budget=1.0, elapsed=lambda: 0.6)

    searched = [score.name for score in hurried.scores_[:-3]]
    assert searched == ["vectors, C 100", "words, C 0.5"]


def test_progress_is_told_step_by_step(examples):
    told = []

    fit(examples, on_progress=lambda *step: told.append(step))

    done = [step[0] for step in told]
    assert done == list(range(1, len(told) + 1))
    assert all(total >= now for now, total, _ in told)
    assert told[-1][0] == told[-1][1]
    assert told[0][2].startswith("Tried vectors, C 100: ")


def test_what_progress_raises_ends_it(examples):
    class Cancelled(Exception):
        pass

    def cancel(*_):
        raise Cancelled

    with pytest.raises(Cancelled):
        fit(examples, on_progress=cancel)


# ── from the live version on ──────────────────────────────────────────────────────────


def test_a_warm_start_arrives_where_a_cold_one_does(examples, fitted, unseen):
    warm = fit(examples, warm=fitted)

    assert np.allclose(
        warm.predict_proba(unseen.texts, unseen.vectors),
        fitted.predict_proba(unseen.texts, unseen.vectors),
        atol=0.02,
    )


def test_a_new_intent_joins_and_an_old_one_leaves(fitted):
    changed = bot(240, intents=("card", "pizza", "rome"), blur=1.5)

    warm = fit(changed, warm=fitted)

    assert warm.classes_.tolist() == ["card", "pizza", "rome"]
    assert accuracy(changed.intents, warm.predict(changed.texts, changed.vectors)) > 0.95


def test_a_live_version_of_another_encoder_is_no_start(examples, fitted):
    other = fit(examples, warm=fitted, encoder_version="toy-2")
    cold = fit(examples, encoder_version="toy-2")

    assert np.array_equal(other.vectors_.coef, cold.vectors_.coef)


# ── out of scope ──────────────────────────────────────────────────────────────────────


def test_what_belongs_to_no_intent_is_told_from_what_does(fitted, unseen):
    pizza = bot(200, intents=("pizza",), blur=1.5)

    inside = fitted.out_of_scope_score(unseen.texts, unseen.vectors)
    outside = fitted.out_of_scope_score(pizza.texts, pizza.vectors)

    assert (inside > fitted.out_of_scope_above).mean() < 0.1
    assert (outside > fitted.out_of_scope_above).mean() > 0.9


def test_known_rows_out_of_scope_measure_it(examples):
    pizza = bot(50, intents=("pizza",), blur=1.5)

    fitted = fit(examples, out_of_scope_rows=pizza)

    assert fitted.outside_["rows"] == 50
    assert fitted.outside_["auroc"] > 0.95
    assert fitted.outside_["found"] > 0.8


# ── taking apart ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("candidates", [["vectors"], ["both"]])
def test_put_together_again_it_answers_the_same(examples, unseen, candidates):
    fitted = fit(examples, candidates=candidates)

    again = IntentClassifier.from_parts(fitted.parts())

    for ask in ("predict_proba", "out_of_scope_score"):
        first, second = (
            getattr(each, ask)(unseen.texts, unseen.vectors) for each in (fitted, again)
        )
        assert first.tobytes() == second.tobytes()
    assert again.scores_ == fitted.scores_


def test_no_text_is_in_what_is_kept(fitted):
    def strings(part):
        if isinstance(part, dict):
            return [word for each in part.values() for word in strings(each)]
        if isinstance(part, list):
            return [word for each in part for word in strings(each)]
        return [part] if isinstance(part, str) else []

    kept = [name for name in strings(fitted.parts()) if not name.startswith(("vectors", "words"))]
    assert set(kept) - {"card", "money", "rome", "toy-1", "1", fitted.candidate_} <= {
        score.name for score in fitted.scores_
    }


def test_a_classifier_says_how_good_it_is_on_what_it_was_not_fitted_on():
    fitted = fit(bot(120))

    assert fitted.held_out_["rows"] == 120
    (chosen,) = [score for score in fitted.scores_ if score.chosen]
    assert fitted.held_out_["accuracy"] == chosen.accuracy
    assert 0 <= fitted.held_out_["calibration_error"] <= 1
    assert 0 <= fitted.held_out_["coverage"] <= 1


def test_a_warm_start_does_not_flatter_the_figures():
    """A head that was fitted on all rows before would know the held-out ones."""
    hard = bot(120, blur=4.0)
    cold = fit(hard)

    warm = fit(hard, warm=cold)

    assert warm.held_out_ == cold.held_out_


def test_of_many_rows_the_same_conversations_are_held_out_for_ever(monkeypatch):
    monkeypatch.setattr("ml.searching.HOLD_ONE_FROM", 100)
    monkeypatch.setattr("ml.pipelines.HOLD_ONE_FROM", 100)
    rows = bot(400, blur=3.0)
    earlier = np.flatnonzero(np.arange(400) % 4)  # new conversations come between the others
    first = fit(rows.at(earlier))
    (_, before), (_, after) = (
        splits_of(numbered(examples)[1], folds=5, random_state=seed)[0]
        for examples, seed in ((rows.at(earlier), 0), (rows, 1))
    )

    second = fit(rows, warm=first, random_state=1)

    assert before.size
    assert set(after) & set(earlier) <= set(earlier[before])
    assert first.apart_ is not None and second.apart_ is not None
    assert abs(second.held_out_["accuracy"] - fit(rows, random_state=1).held_out_["accuracy"]) < 0.1


def test_what_is_held_out_for_ever_is_laid_out_last(monkeypatch):
    monkeypatch.setattr("ml.searching.HOLD_ONE_FROM", 100)
    rows = numbered(bot(400))[1]
    ((fit_on, ask),) = splits_of(rows, folds=5, random_state=0)

    laid = laid_out(rows)

    assert laid.groups.tolist() == [*rows.groups[fit_on], *rows.groups[ask]]
    ((fit_on, ask),) = splits_of(laid, folds=5, random_state=0)
    assert np.shares_memory(laid.at(fit_on).vectors, laid.vectors)
    assert [*fit_on, *ask] == list(range(400))


def test_of_few_rows_nothing_is_held_out_for_ever():
    assert fit(bot(60)).apart_ is None
