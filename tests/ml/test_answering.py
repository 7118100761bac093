"""What a version says of many texts at once."""

import numpy as np
import pytest

from ml.answering import paired_in_scope, paired_with_refusals, said_by
from ml.comparing import compare_accuracy
from ml.evidence import Evidence
from ml.gate import decide
from ml.pairing import OUT_OF_SCOPE
from ml.per_intent import compare_intents
from ml.refusing import compare_refusals
from tests.ml.bots import DIMENSIONS, bot, fit

INTENTS = ("card", "rome", "money")


@pytest.fixture(scope="module")
def live():
    return fit(bot(240, blur=1.5))


@pytest.fixture(scope="module")
def harmed():
    """A version that learned most of what is about money as something else."""
    examples = bot(240, blur=1.5)
    intents = examples.intents.copy()
    money = np.flatnonzero(intents == "money")
    intents[money[: len(money) * 3 // 4]] = "card"
    return fit(type(examples)(examples.texts, examples.vectors, intents, examples.groups))


@pytest.fixture(scope="module")
def asked():
    """Test rows, a tenth of them about what the bot has no intent for."""
    return bot(900, blur=1.5, seed=1), bot(100, intents=("pizza",), seed=2)


@pytest.fixture(scope="module")
def unseen(asked):
    inside, outside = asked
    truth = np.concatenate([inside.intents, np.full(100, OUT_OF_SCOPE)])
    texts = [*inside.texts, *outside.texts]
    return texts, np.concatenate([inside.vectors, outside.vectors]), truth, np.arange(1000)


def test_answers_are_those_of_the_classifier(live, unseen):
    texts, vectors, _, _ = unseen

    said = said_by(live, texts, vectors)

    assert np.array_equal(said.intents, live.predict(texts, vectors))
    assert said.confidence == pytest.approx(live.predict_proba(texts, vectors).max(axis=1))
    assert said.outside == pytest.approx(live.out_of_scope_score(texts, vectors))
    assert (said.answers[said.declined] == OUT_OF_SCOPE).all()


def test_blocks_say_what_all_at_once_do(live, unseen, monkeypatch):
    texts, vectors, _, _ = unseen
    whole = said_by(live, texts, vectors)
    monkeypatch.setattr("ml.answering.BLOCK", 7)

    parts = said_by(live, texts, vectors)

    assert np.array_equal(parts.intents, whole.intents)
    assert parts.confidence == pytest.approx(whole.confidence, abs=1e-5)


def test_no_texts_have_no_answers(live):
    assert len(said_by(live, [], np.empty((0, DIMENSIONS), np.float16))) == 0


def test_texts_and_vectors_must_be_as_many(live):
    with pytest.raises(ValueError, match="1 texts cannot have 0 vectors"):
        said_by(live, ["a"], np.empty((0, DIMENSIONS), np.float16))


def test_a_version_that_learned_wrong_is_named_on_the_report(live, harmed, unseen):
    texts, vectors, truth, conversations = unseen
    said = {"live": said_by(live, texts, vectors), "candidate": said_by(harmed, texts, vectors)}
    paired = paired_in_scope(truth, conversations, **said)

    verdict = decide(
        Evidence(compare_accuracy(paired), intents=compare_intents(paired, critical=["money"]))
    )

    assert len(paired) == 900
    assert verdict.outcome == "worse"
    assert {block.code for block in verdict.blocks} == {"accuracy_worse", "critical_regressed"}
    assert verdict.blocks[1].row == "intent: money"


def test_a_version_against_itself_is_not_worse(live, unseen):
    texts, vectors, truth, conversations = unseen
    said = said_by(live, texts, vectors)

    paired = paired_in_scope(truth, conversations, live=said, candidate=said)

    assert decide(Evidence(compare_accuracy(paired))).outcome == "not worse"


def test_refusals_are_of_all_rows(live, unseen):
    texts, vectors, truth, conversations = unseen
    said = said_by(live, texts, vectors)
    paired = paired_with_refusals(truth, conversations, live=said, candidate=said)

    found = compare_refusals(paired, live_scores=said.outside, candidate_scores=said.outside)

    assert (found.live.inside, found.live.outside) == (900, 100)
    assert found.live.declined == pytest.approx(0.05, abs=0.04)
    assert found.live.auroc > 0.7
