"""May this candidate go live, and if not, which row says so?"""

import json
from dataclasses import replace

import numpy as np
import pytest

from ml.comparing import accuracy_alone, compare_accuracy
from ml.evidence import Doubt, Evidence
from ml.gate import decide
from ml.golden import GoldenResult
from ml.pairing import OUT_OF_SCOPE, Paired
from ml.per_intent import compare_intents
from ml.plain import plain
from ml.refusing import compare_refusals
from ml.reliability import reliability
from ml.remembering import compare_memory
from ml.replaying import replay
from ml.resampling import compare_macro_f1
from ml.shares import habits, shares
from ml.slicing import compare_slices
from tests.ml.pairs import equals, joined, names_of, pairs

CRITICAL = names_of(40)[:5].tolist()


def evidence_of(paired, *, critical=(), draws=1000, **more):
    channels = np.array(["web", "phone", "app"])[np.arange(len(paired)) % 3]
    return Evidence(
        accuracy=compare_accuracy(paired),
        macro_f1=compare_macro_f1(paired, random_state=0, draws=draws),
        intents=compare_intents(paired, critical=critical),
        slices=compare_slices(paired, {"channel": channels}),
        **more,
    )


def codes(findings):
    return [finding.code for finding in findings]


@pytest.fixture(scope="module")
def good():
    """Evidence of a candidate that is as good as the live version."""
    return evidence_of(pairs(wins=100, losses=100, ties=1800))


def test_a_candidate_that_is_not_worse_passes(good):
    verdict = decide(good)

    assert (verdict.outcome, verdict.passes, verdict.blocks) == ("not worse", True, ())
    assert verdict.headline == "Not worse: accuracy 95.0 % against 95.0 %, −1.2 to +1.2 points."


def test_a_better_candidate_says_by_how_much():
    verdict = decide(evidence_of(pairs(wins=140, losses=60, ties=1800)))

    assert (verdict.outcome, verdict.passes) == ("better", True)
    assert verdict.headline == "Better: accuracy 97.0 % against 93.0 %, +2.8 to +5.2 points."


def test_thirty_rows_never_pass_and_it_says_how_many_it_takes():
    verdict = decide(evidence_of(pairs(wins=3, losses=1, ties=26)))

    assert (verdict.outcome, verdict.passes) == ("inconclusive", False)
    block = verdict.blocks[0]
    assert (block.code, block.row, block.figure) == ("too_few_rows", "accuracy", 30)
    assert block.bar > 1000
    assert verdict.headline.startswith("Inconclusive: 30 test rows cannot tell")
    assert f"{block.bar:,} rows" in verdict.headline


def test_a_loss_blocks_with_row_figure_and_bar():
    verdict = decide(evidence_of(pairs(wins=60, losses=140, ties=1800)))

    assert (verdict.outcome, verdict.passes) == ("worse", False)
    block = verdict.blocks[0]
    assert (block.code, block.row, block.bar, block.unit) == (
        *("accuracy_worse", "accuracy", -0.02, "points"),
    )
    assert block.figure == pytest.approx(-0.04)
    assert "fell from 97.0 % to 93.0 %" in block.sentence


def test_harm_to_one_critical_intent_blocks_though_accuracy_held():
    chance = np.random.default_rng(0)
    paired = equals(chance, rows=2500)
    answers = paired.candidate.copy()
    hit = (paired.truth == CRITICAL[1]) & (chance.random(2500) < 0.4)
    answers[hit] = np.roll(names_of(40), 7)[np.arange(hit.sum())]
    harmed = Paired(paired.truth, paired.live, answers, paired.conversations)

    verdict = decide(evidence_of(harmed, critical=CRITICAL))

    assert (verdict.outcome, codes(verdict.blocks)) == ("worse", ["critical_regressed"])
    assert verdict.blocks[0].row == f"intent: {CRITICAL[1]}"
    assert CRITICAL[1] in verdict.headline
    assert decide(evidence_of(harmed)).passes


def test_a_critical_intent_with_few_rows_is_named_and_does_not_block(good):
    rare = compare_intents(joined(pairs(ties=300), pairs(ties=9, truth="rare")), critical=["rare"])

    verdict = decide(replace(good, intents=rare))

    assert verdict.passes
    assert codes(verdict.cautions) == ["critical_unclear"]
    assert verdict.cautions[0].sentence.startswith(
        "The critical intent rare is inconclusive: 9 rows. It takes about "
    )
    assert verdict.headline.endswith(verdict.cautions[0].sentence)


def test_forty_intents_and_equal_versions_are_called_worse_by_one_in_twenty_at_most():
    chance = np.random.default_rng(0)

    said = [
        decide(evidence_of(equals(chance, rows=2500), critical=CRITICAL, draws=200)).outcome
        for _ in range(200)
    ]

    assert said.count("worse") <= 10
    assert said.count("not worse") + said.count("better") >= 130


def test_harm_comes_before_too_few_rows_in_the_headline():
    rows = joined(pairs(wins=15, ties=600), pairs(losses=15, ties=5, truth="stolen", other="lost"))

    verdict = decide(replace(evidence_of(rows, critical=["stolen"]), macro_f1=None))

    assert codes(verdict.blocks)[0] == "too_few_rows"
    assert verdict.outcome == "worse"
    assert verdict.headline.startswith("Worse: The critical intent stolen is recognised in 25.0 %")
    assert codes(verdict.cautions)[0] == "intent_regressed"
    assert verdict.cautions[0].sentence == (
        "15 turns of something else are answered with the intent lost, before it was 0."
    )


def test_a_slice_that_pays_blocks(good):
    rows = pairs(wins=60, losses=60, ties=1880)
    values = np.repeat(["web", "phone", "web"], [60, 500, 1440])

    verdict = decide(replace(good, slices=compare_slices(rows, {"channel": values})))

    assert codes(verdict.blocks) == ["slice_regressed"]
    assert verdict.blocks[0].row == "slice: channel phone"


def test_a_slice_far_behind_is_a_caution(good):
    rows = pairs(ties=1800, both_wrong=200)
    values = np.repeat(["en", "pt"], 1000)

    verdict = decide(replace(good, slices=compare_slices(rows, {"language": values})))

    assert verdict.passes
    assert codes(verdict.cautions) == ["slice_behind"]


@pytest.mark.parametrize(("must_pass", "passes"), [(True, False), (False, True)])
def test_a_golden_case_blocks_if_it_must_pass(good, must_pass, passes):
    nan = float("nan")
    failed = GoldenResult("stolen card", "exact", must_pass, False, "other answer", 0, "pin", nan)

    verdict = decide(replace(good, golden=[failed]))

    assert verdict.passes == passes
    assert "stolen card" in (verdict.blocks + verdict.cautions)[0].sentence
    if must_pass:
        assert verdict.outcome == "not worse"
        assert verdict.headline.startswith("Not worse, but not to go live: 1 golden case")


def test_an_intent_that_is_gone_blocks(good):
    memory = compare_memory(
        pairs(ties=3), (), known_before=["a", "old"], known_now=["a"], retired=[]
    )

    verdict = decide(replace(good, memory=memory))

    assert codes(verdict.blocks) == ["intents_gone"]
    assert "old" in verdict.headline


def test_planted_faults_of_the_training_set_are_named(good):
    who = np.repeat(["ana", "bo", "cy", "di"], [400, 200, 200, 200])
    expected = np.full(1000, "card")
    given = np.where((who == "ana") & (np.arange(1000) % 3 == 0), "pin", "card")

    verdict = decide(
        replace(
            good,
            annotators=shares(who),
            sources=shares(np.repeat(["sender-1", "sender-2", ""], [300, 100, 600])),
            habits=habits(who, given, expected),
            doubt=Doubt(rows=1000, suspect=50),
            quarantined=["pin"],
            retired=["cheque"],
            looks=21,
        )
    )

    assert verdict.passes
    assert codes(verdict.cautions) == [
        *("annotator_share", "source_share", "habit", "suspect_labels", "quarantined", "retired"),
        "many_looks",
    ]
    assert "ana gave 40.0 % of the training rows" in verdict.cautions[0].sentence
    assert "most often pin for card" in verdict.cautions[2].sentence


def test_dishonest_confidence_is_a_caution_unless_it_was_so_before(good):
    sure = reliability(np.full(1000, 0.95), np.arange(1000) % 10 > 1)
    verdict = decide(replace(good, reliability=sure))

    assert codes(verdict.cautions) == ["miscalibrated"]
    assert "15.0 points off on average; it is too sure" in verdict.cautions[0].sentence
    assert not decide(replace(good, reliability=sure, live_reliability=sure)).cautions


def test_what_is_answered_out_of_scope_and_newly_broken_are_cautions(good):
    rows = pairs(losses=40, ties=60, truth=OUT_OF_SCOPE, other="a")
    refusals = compare_refusals(rows, live_scores=np.zeros(100), candidate_scores=np.zeros(100))
    replayed = replay(np.array(["a", "b"]), np.array(["b", "b"]), np.array(["a", "a"]))

    verdict = decide(replace(good, refusals=refusals, replay=replayed))

    assert codes(verdict.cautions) == ["refusals_regressed", "newly_broken"]
    assert "Of 2 corrected turns 1 are fixed" in verdict.cautions[1].sentence


def test_a_first_version_passes_when_it_is_known_well_enough():
    truth = np.full(400, "a")
    known = accuracy_alone(truth, np.repeat(["a", "b"], [340, 60]))
    verdict = decide(Evidence(accuracy=None, alone=known))

    assert (verdict.outcome, verdict.passes) == ("first", True)
    assert verdict.headline.startswith("Nothing is live to compare with: accuracy 85.0 %")


@pytest.mark.parametrize("alone", [None, accuracy_alone(np.full(9, "a"), np.full(9, "a"))])
def test_a_first_version_on_too_little_does_not_pass(alone):
    verdict = decide(Evidence(accuracy=None, alone=alone))

    assert (verdict.outcome, verdict.passes) == ("inconclusive", False)


def test_macro_f1_that_cannot_be_told_is_a_caution(good):
    few = compare_macro_f1(pairs(wins=5, losses=5, ties=15), random_state=0)

    assert codes(decide(replace(good, macro_f1=few)).cautions) == ["macro_f1_unclear"]


def test_every_finding_is_json(good):
    verdict = decide(evidence_of(pairs(wins=10, losses=90, ties=600), critical=["a"]))

    kept = json.loads(json.dumps(plain(verdict), allow_nan=False))

    assert kept["blocks"][0]["code"] == "accuracy_worse"
    assert json.dumps(plain(good), allow_nan=False)
