"""training/judging.py: what a report says, of versions that were really trained."""

import uuid

import pytest

from annotation import archiving
from ingest.embedding import embed_waiting
from jobs import work
from jobs.models import Job
from tests.factories import make_member
from tests.training.judged import make_report
from tests.training.learning import labelled, run_of
from tests.training.saying import label
from training import deciding, deploying, evaluating, golden
from training.canonical import canonical, digest
from training.deciding import Seen
from training.models import EvaluationReport, GoldenCase, JudgedTurn
from training.reading import rows_of


def judged(version, *, by=None):
    """The report of a judging that is asked for and carried out now."""
    job = evaluating.request(version, by=by)
    work.Delivery.token = uuid.uuid4()
    work.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return version.reports.newest_first().first()


def put_live(version, by):
    report = version.reports.newest_first().first() or make_report(version)
    seen = Seen(report.sha256, version.sha256)
    deciding.promote(version, by=by, seen=seen, reason="Go.", override_reason="Go.")


def codes(report):
    verdict = report.found["verdict"]
    return [found["code"] for found in verdict["blocks"] + verdict["cautions"]]


def finding(report, code):
    verdict = report.found["verdict"]
    return [one for one in verdict["blocks"] + verdict["cautions"] if one["code"] == code]


@pytest.fixture
def audited(trainable, annotator, intents):
    """The trainable bot, with 30 turns of the audit."""
    labelled(trainable, annotator, intents, each=10, after=12, side="audit")
    return trainable


def test_after_each_training_the_version_is_judged(audited, engineer):
    version = run_of(audited, by=engineer, seed=7).version

    report = judged(version)

    assert Job.objects.filter(kind="evaluate", object_id=version.pk).count() == 1
    assert (report.champion, report.rows, report.looks) == (None, 30, 1)
    assert report.sha256 == digest(report.content)
    assert report.content == canonical(report.found)


@pytest.mark.slow
def test_a_test_set_of_30_rows_is_inconclusive_and_says_how_many_it_takes(
    audited, annotator, admin
):
    first = run_of(audited, seed=7).version
    judged(first)
    put_live(first, admin)

    report = judged(run_of(audited, seed=7).version)

    assert (report.outcome, report.passes, report.champion) == ("inconclusive", False, first)
    accuracy = report.found["evidence"]["accuracy"]
    assert accuracy["rows"] == 30 and accuracy["rows_needed"] > 500
    assert "30 test rows cannot tell whether accuracy held. It takes about" in report.headline


def test_without_anything_of_the_audit_nothing_passes(trainable):
    report = judged(run_of(trainable, seed=7).version)

    assert (report.rows, report.outcome, report.passes) == (0, "inconclusive", False)


def test_looks_at_a_test_set_are_counted(audited):
    version = run_of(audited, seed=7).version

    assert [judged(version).looks for _ in range(3)] == [1, 2, 3]


def test_who_asks_by_hand_gets_what_the_audit_has_by_now(audited, annotator, intents, admin):
    version = run_of(audited, seed=7).version
    before = judged(version)
    labelled(audited, annotator, intents, each=2, after=24, side="audit")

    after = judged(version, by=admin)

    assert (before.rows, after.rows) == (30, 36)
    assert after.dataset.number == before.dataset.number + 1
    assert after.created_by == admin


def test_what_a_version_learned_is_no_test(audited, annotator, intents, admin):
    """Somebody said the same in the audit, after the version had learned it."""
    version = run_of(audited, seed=7).version
    learned = version.run.dataset

    text = next(row.text for row in rows_of(learned, side="train"))
    label(audited, annotator, text, intents[0], side="audit")

    report = judged(version, by=admin)

    assert (report.rows, report.found["left_out"]) == (30, 1)


def test_no_text_of_anybody_is_in_a_report(audited):
    version = run_of(audited, seed=7).version

    report = judged(version)

    texts = [row.text for side in ("train", "audit") for row in rows_of(report.dataset, side=side)]
    assert not [text for text in texts if text in report.content]


def test_wrong_answers_are_listed_with_what_was_said(audited, annotator, intents):
    label(audited, annotator, "where is my refund please tell me", intents[2], side="audit")

    embed_waiting(audited)
    report = judged(run_of(audited, seed=7).version)

    wrong = JudgedTurn.objects.of_kind(report, JudgedTurn.Kind.TEST).worst_first()
    said = [(each.truth, each.candidate) for each in wrong]
    assert ("loan", "refund") in said or ("loan", "") in said
    assert all(each.truth != each.candidate for each in wrong)


def test_corrections_are_replayed(audited, annotator, intents, admin):
    first = run_of(audited, seed=7).version
    judged(first)
    put_live(first, admin)
    for subject in ("a loan", "the mortgage", "my loan"):
        label(
            audited, annotator, f"tell me of {subject} and the card", intents[2],
            turn={"intent": "card_lost"},
        )  # fmt: skip
    label(audited, annotator, "this one was right all along", intents[0],
          turn={"intent": "card_lost"})  # fmt: skip

    embed_waiting(audited)

    report = judged(run_of(audited, seed=7).version)

    replay = report.found["evidence"]["replay"]
    assert sum(len(rows) for rows in replay.values()) == 3


def test_a_golden_case_that_must_pass_blocks(audited, admin, intents):
    case = golden.keep(
        audited, by=admin, kind=GoldenCase.Kind.EXACT, texts=["where is my refund"],
        intent=intents[0], must_pass=True,
    )  # fmt: skip
    fine = golden.keep(
        audited, by=admin, kind=GoldenCase.Kind.INVARIANCE,
        texts=["where is my refund", "where is my refund please"],
    )  # fmt: skip

    report = judged(run_of(audited, seed=7).version)

    results = {case["key"]: case["passed"] for case in report.found["evidence"]["golden"]}
    assert results == {f"#{case.pk}": False, f"#{fine.pk}": True}
    assert "golden_must_pass" in codes(report)
    assert not report.passes


def test_an_annotator_with_two_fifths_is_named(audited, bot, intents):
    busy = make_member(bot, username="busy")
    # None of these is nearly the same as one of ana's: which of two is kept goes by their keys.
    labelled(audited, busy, intents, each=8, after=22)

    report = judged(run_of(audited, seed=7).version)

    named = finding(report, "annotator_share")
    assert [one["row"] for one in named] == ["annotator: ana", "annotator: busy"]
    assert [one["figure"] for one in named] == pytest.approx([36 / 59, 23 / 59])


def test_what_it_costs_is_measured(audited):
    cost = judged(run_of(audited, seed=7).version).found["cost"]

    assert cost["train_seconds"] > 0 and cost["size"] > 1000
    assert 0 < cost["classify_ms"] < 1000 and 0 < cost["encode_ms"] < 5000


def test_the_live_version_is_judged_beside_the_one_before_it(audited, admin):
    first = run_of(audited, seed=7).version
    judged(first)
    put_live(first, admin)
    second = run_of(audited, seed=7).version
    judged(second)
    put_live(second, admin)

    assert judged(second, by=admin).champion == first
    assert judged(first, by=admin).champion == second
    assert deploying.champion_of(audited) == second


def test_a_killed_judging_leaves_one_report(audited, monkeypatch):
    """The report and the end of the job are one."""
    version = run_of(audited, seed=7).version
    judged(version)

    assert EvaluationReport.objects.count() == 1
    job = Job.objects.get(kind="evaluate", object_id=version.pk)
    work.run(job.pk)
    assert EvaluationReport.objects.count() == 1


def test_an_intent_that_is_archived_and_still_taught_is_named(audited, intents, admin):
    archiving.archive(intents[1], by=admin)

    report = judged(run_of(audited, seed=7).version)

    (found,) = finding(report, "retired")
    assert not found["blocks"]
    assert "It answers with refund, which is archived: its labels still teach." in found["sentence"]
