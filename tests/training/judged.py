"""Reports to decide on, without the training that goes before them."""

from hashlib import sha256

from django.core.files.base import ContentFile

from tests.factories import make_model_version
from training import artifact_store
from training.canonical import canonical, digest
from training.models import EvaluationReport, JudgedTurn, TrainingRun


def make_version(bot, *, started_by=None, content=b"an artifact"):
    """A ModelVersion with a file of these bytes behind it."""
    version = make_model_version(bot, sha256=sha256(content).hexdigest())
    artifact_store.store().save(version.artifact, ContentFile(content))
    TrainingRun.objects.filter(pk=version.run_id).update(created_by=started_by)
    version.run.refresh_from_db()
    return version


def make_report(version, *, passes=True, champion=None, found=None, **fields):
    """An EvaluationReport that says no more than it has to."""
    content = canonical({"version": version.number, **(found or {})})
    defaults = {
        "rows": 1000, "looks": 1, "outcome": "better" if passes else "worse",
        "headline": "Better: accuracy 91.2 % against 89.4 %, +0.9 to +2.7 points.",
    }  # fmt: skip
    return EvaluationReport.objects.create(
        bot=version.bot,
        version=version,
        champion=champion,
        dataset=version.run.dataset,
        passes=passes,
        content=content,
        sha256=digest(content),
        **(defaults | fields),
    )


def make_full_report(
    version, *, champion=None, harmed=True, intents=8, rows=600, turns=(), golden=(), **fields
):
    """A report of made-up answers that says something in each of its parts.

    Where it is `harmed`, the first intent is, which is critical. `turns` stand under each kind.
    """
    found, verdict = everything(
        version, champion, harmed=harmed, intents=intents, rows=rows, golden=golden
    )
    report = make_report(
        version, champion=champion, found=found, passes=verdict.passes, rows=rows,
        outcome=verdict.outcome, headline=verdict.headline, **fields,
    )  # fmt: skip
    for kind in JudgedTurn.Kind:
        for rank, turn in enumerate(turns):
            JudgedTurn.objects.create(
                report=report, kind=kind, rank=rank, turn=turn, truth="intent_0",
                live="intent_0", candidate="intent_1", confidence=0.9,
            )  # fmt: skip
    return report


def made_up_answers(*, harmed, intents, rows):
    """The names of intents, answers of both versions, how sure the candidate was, and where."""
    import numpy as np

    from ml.pairing import Paired

    chance = np.random.default_rng(7)
    names = np.array([f"intent_{n}" for n in range(intents)] + [""])
    truth = chance.choice(names, rows)
    said = [np.where(chance.random(rows) < 0.9, truth, chance.choice(names, rows)) for _ in "12"]
    hit = (truth == "intent_0") & (chance.random(rows) < 0.7 * harmed)
    live, candidate = said[0], np.where(hit, "intent_1", said[1])
    paired = Paired(truth, live, candidate, np.arange(rows) // 2)
    sure = np.round(chance.random(rows) ** 0.3, 6)
    where = {"channel": chance.choice(["web", "app"], rows), "language": np.full(rows, "en")}
    return names, paired, sure, where


def everything(version, champion, *, harmed, intents, rows, golden=()):
    """What judging finds, from made-up answers: the content, and the verdict."""
    from ml.comparing import accuracy_alone, compare_accuracy
    from ml.confusing import most_confused
    from ml.evidence import Doubt, Evidence
    from ml.forecasting import forecast
    from ml.gate import decide
    from ml.golden import GoldenResult
    from ml.per_intent import compare_intents
    from ml.refusing import compare_refusals, refusals
    from ml.reliability import automation, reliability
    from ml.remembering import compare_memory
    from ml.replaying import Replay
    from ml.resampling import compare_macro_f1
    from ml.shares import Habit, Share
    from ml.slicing import compare_slices

    names, paired, sure, where = made_up_answers(harmed=harmed, intents=intents, rows=rows)
    truth, candidate, right = paired.truth, paired.candidate, paired.candidate_right
    compared = compare_intents(paired, critical=["intent_0"])
    reliable = reliability(sure, right)
    evidence = Evidence(
        accuracy=compare_accuracy(paired) if champion else None,
        alone=accuracy_alone(truth, candidate),
        macro_f1=compare_macro_f1(paired, random_state=0, draws=100) if champion else None,
        intents=compared if champion else (),
        slices=compare_slices(paired, where) if champion else (),
        golden=[
            GoldenResult(f"#{case.pk}", case.kind, case.must_pass, not number, "", None, "x", 0.1)
            for number, case in enumerate(golden)
        ],
        memory=compare_memory(
            paired, compared, known_before=names[:-1], known_now=names[int(harmed) : -1]
        ) if champion else None,
        live_reliability=reliable if champion else None,
        reliability=reliable,
        refusals=compare_refusals(paired, live_scores=-sure, candidate_scores=-sure)
        if champion else None,
        replay=Replay((0,), (1,), (2,), ()) if champion else None,
        annotators=[Share("ana", 800, 0.4, True), Share("ben", 300, 0.15, False)],
        sources=[Share("user 1f2e3d4c", 50, 0.25, True, "intent_1")],
        habits=[Habit("ana", 800, 0.2, 0.02, 0.001, "intent_1", "intent_2", 90)],
        quarantined=["intent_3"],
        doubt=Doubt(2000, 90),
    )  # fmt: skip
    verdict = decide(evidence)
    found = {
        "schema": 1, "rows": rows, "left_out": 3, "verdict": verdict, "evidence": evidence,
        "intents": compared, "recent": compare_accuracy(paired), "looked_at": 2000,
        "refusals": refusals(truth, candidate, -sure), "automation": automation(sure, right),
        "live_automation": automation(sure, right) if champion else None,
        "confusion": most_confused(paired),
        "curve": forecast([125, 250, 500, 1000, 2000], [0.6, 0.7, 0.78, 0.84, 0.88], 600,
                          random_state=0),
        "cost": {"classify_ms": 0.21, "encode_ms": 7.1, "train_seconds": 61.2, "size": 1_234_567},
        "held_out": {"rows": 2000, "accuracy": 0.8},
    }  # fmt: skip
    return found, verdict
