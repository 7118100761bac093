"""What became of each intent."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from ml.pairing import OUT_OF_SCOPE, Paired
from ml.per_intent import compare_intents
from ml.plain import plain
from tests.ml.pairs import equals, joined, names_of, pairs

CRITICAL = [*names_of(40)[:5].tolist()]


def found_in(intents, name):
    return next(one for one in intents if one.intent == name)


def harmed(paired, intent, *, share, chance):
    """Let the candidate answer that much of an intent with another."""
    answers = paired.candidate.copy()
    hit = (paired.truth == intent) & (chance.random(len(paired)) < share)
    answers[hit] = "intent-039"
    return Paired(paired.truth, paired.live, answers, paired.conversations)


def test_figures_are_those_of_scikit_learn():
    paired = equals(np.random.default_rng(0), rows=600, intents=6)
    intents = sorted(compare_intents(paired), key=lambda one: one.intent)

    for said in ("live", "candidate"):
        precision, recall, f1, rows = precision_recall_fscore_support(
            paired.truth, getattr(paired, said), zero_division=np.nan
        )
        counts = [getattr(one, said) for one in intents]
        assert [one.rows for one in intents] == rows.tolist()
        assert [one.recall for one in counts] == pytest.approx(recall.tolist())
        assert [one.precision for one in counts] == pytest.approx(precision.tolist())
        assert [one.f1 for one in counts] == pytest.approx(f1.tolist())


def test_a_version_harmed_on_one_critical_intent_is_found_out():
    chance = np.random.default_rng(0)
    paired = harmed(equals(chance, rows=1600), CRITICAL[2], share=0.5, chance=chance)

    intents = compare_intents(paired, critical=CRITICAL)

    assert intents[0].intent == CRITICAL[2]
    assert (intents[0].status, intents[0].because) == ("regressed", "missed")
    # What its rows are taken for is named too; it is not critical, so it does not block.
    assert [one.intent for one in intents if one.status == "regressed"][1:] == ["intent-039"]


def test_an_intent_that_others_are_mistaken_for_is_found_out():
    chance = np.random.default_rng(0)
    paired = equals(chance, rows=1600)
    answers = paired.candidate.copy()
    answers[chance.random(1600) < 0.05] = CRITICAL[0]
    intents = compare_intents(
        Paired(paired.truth, paired.live, answers, paired.conversations), critical=CRITICAL
    )

    assert (intents[0].intent, intents[0].because) == (CRITICAL[0], "mistaken")
    assert intents[0].status == "regressed"


def test_few_rows_are_inconclusive_and_say_how_many_it_takes():
    one = compare_intents(pairs(ties=10), critical=["a"])[0]

    assert (one.status, one.rows) == ("inconclusive", 10)
    assert 10 < one.rows_needed < 100


def test_many_rows_without_a_loss_are_fine():
    one = found_in(compare_intents(pairs(wins=3, losses=3, ties=200)), "a")

    assert (one.status, one.rows_needed) == ("fine", None)
    assert one.difference == 0


def test_a_critical_intent_without_rows_is_there_and_inconclusive():
    one = found_in(compare_intents(pairs(ties=100), critical=["never"]), "never")

    assert (one.status, one.rows, one.critical) == ("inconclusive", 0, True)
    assert one.rows_needed > 0
    assert plain(one)["live"]["recall"] is None


def test_at_most_five_are_critical():
    with pytest.raises(ValueError, match="At most 5"):
        compare_intents(pairs(ties=1), critical=names_of(6).tolist())


def test_out_of_scope_is_no_intent_but_what_is_mistaken_for_one_counts():
    ties = pairs(ties=300)
    outside = pairs(losses=30, truth=OUT_OF_SCOPE, other="a")

    intents = compare_intents(joined(ties, outside))

    assert [one.intent for one in intents] == ["a"]
    assert (intents[0].status, intents[0].because) == ("regressed", "mistaken")
    assert intents[0].candidate.precision == pytest.approx(300 / 330)


def test_a_drop_of_a_few_points_is_not_called_regressed():
    # Seen alone, this one would be: among 40 there is always one like it.
    chance = np.random.default_rng(3)
    paired = equals(chance, rows=2000)

    drops = [one.difference for one in compare_intents(paired)]

    assert min(drops) < -0.05
    assert all(one.status != "regressed" for one in compare_intents(paired))


def test_the_warning_list_is_longer_than_that_of_the_regressed():
    chance = np.random.default_rng(1)
    paired = equals(chance, rows=4000)
    for intent in names_of(40)[10:16]:
        paired = harmed(paired, intent, share=0.15, chance=chance)

    intents = compare_intents(paired)

    warned = {one.intent for one in intents if one.warned}
    regressed = {one.intent for one in intents if one.status == "regressed"}
    assert regressed < warned
    assert len(warned & set(names_of(40)[10:16])) >= 4


def test_equals_are_rarely_called_regressed():
    chance = np.random.default_rng(0)

    runs = [compare_intents(equals(chance, rows=1500), critical=CRITICAL) for _ in range(200)]

    blocked = [any(one.critical and one.status == "regressed" for one in run) for run in runs]
    assert np.mean(blocked) <= 0.02


def test_nothing_has_no_intents():
    assert compare_intents(pairs()) == ()
