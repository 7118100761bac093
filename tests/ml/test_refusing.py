"""How well a version leaves alone what has none of its intents."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ml.pairing import OUT_OF_SCOPE, Paired
from ml.plain import plain
from ml.refusing import compare_refusals, refusals
from tests.ml.pairs import joined, pairs


def test_figures_are_by_hand_and_by_scikit_learn():
    truth = np.array(["a", "a", "b", "", "", "", ""])
    answers = np.array(["a", "", "b", "", "", "a", ""])
    scores = np.array([0.1, 0.9, 0.2, 0.8, 0.95, 0.15, 0.7])

    found = refusals(truth, answers, scores)

    assert (found.inside, found.outside) == (3, 4)
    assert found.answered == 0.25
    assert found.declined == pytest.approx(1 / 3)
    assert found.auroc == pytest.approx(roc_auc_score(truth == "", scores))
    assert 0 < found.answered_lower < 0.25 < found.answered_upper


def test_who_answers_what_has_no_intent_is_named():
    rows = joined(pairs(ties=500), pairs(losses=30, wins=2, ties=68, truth=OUT_OF_SCOPE, other="a"))
    scores = np.zeros(len(rows))

    found = compare_refusals(rows, live_scores=scores, candidate_scores=scores)

    assert found.status == "regressed"
    assert (found.live.answered, found.candidate.answered) == (0.02, 0.3)
    assert (found.wins, found.losses) == (2, 30)


def test_wrong_intents_in_scope_are_not_its_business():
    rows = joined(pairs(losses=100), pairs(ties=200, truth=OUT_OF_SCOPE, other="a"))

    found = compare_refusals(
        rows, live_scores=np.zeros(len(rows)), candidate_scores=np.zeros(len(rows))
    )

    assert found.status == "fine"


def test_without_rows_out_of_scope_nothing_can_be_told():
    rows = pairs(ties=20)

    found = compare_refusals(rows, live_scores=np.zeros(20), candidate_scores=np.zeros(20))

    assert found.status == "inconclusive"
    assert plain(found)["candidate"]["answered"] is None
    assert plain(found)["candidate"]["auroc"] is None


def test_rows_keep_their_conversations():
    rows = pairs(losses=40, truth=OUT_OF_SCOPE, other="a")
    one = Paired(rows.truth, rows.live, rows.candidate, np.zeros(40, int))

    found = compare_refusals(one, live_scores=np.zeros(40), candidate_scores=np.zeros(40))

    assert found.p == 0.5
