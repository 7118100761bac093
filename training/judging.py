"""Judges a model version beside the one that is live, and keeps what was found as a report.

Both answer the same rows of the audit, none of which either learned from. What the rows mean is
ml/'s to say; here they are read, asked about, and what came of it is stored.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from annotation.models import Intent
from ml.comparing import accuracy_alone, compare_accuracy
from ml.confusing import most_confused
from ml.evidence import Evidence
from ml.gate import GateVerdict, decide
from ml.pairing import OUT_OF_SCOPE, Paired
from ml.per_intent import compare_intents
from ml.refusing import compare_refusals, refusals
from ml.reliability import Reliability, automation, reliability
from ml.remembering import compare_memory
from ml.replaying import Replay, replay
from ml.resampling import compare_macro_f1
from ml.slicing import compare_slices
from training import asking, golden_asking, sharing
from training.asking import Answers, Asked
from training.doubting import Doubts, doubts
from training.models import DatasetVersion, EvaluationReport, JudgedTurn, ModelVersion
from training.surveying import Corrections, Survey, corrections, learned_texts, slices_of, survey

RECENT = timedelta(days=90)
MOST_WRONG, MOST_SUSPECTS = 20_000, 5_000  # turns that a report lists
STEPS = 6

Kind = JudgedTurn.Kind
Progress = Callable[[int, int, str], object]
Listed = tuple[str, int, UUID, str, str, str, float | None]  # as the columns of JudgedTurn


@dataclass
class Judged:
    """Everything of a report, before it is stored."""

    version: ModelVersion
    champion: ModelVersion | None
    dataset: DatasetVersion
    rows: int
    looks: int
    verdict: GateVerdict
    found: dict[str, Any]
    turns: list[Listed]


@dataclass
class _Bench:
    """What is at hand while judging."""

    dataset: DatasetVersion
    candidate: Asked
    live: Asked | None
    test: Survey
    said: Answers
    live_said: Answers | None

    @property
    def paired(self) -> Paired:
        """All rows. Without a champion, the candidate beside itself.

        5 % of what has an intent is flagged as out of scope by design, and where the threshold lies
        is a choice: so what has an intent is compared by the likeliest one, and the flag apart.
        """
        live, truth = self.live_said or self.said, self.test.truth
        return self.test.paired(said_of(truth, live), said_of(truth, self.said))

    @property
    def is_inside(self) -> NDArray[np.bool_]:
        return np.asarray(self.test.truth != OUT_OF_SCOPE)

    @property
    def inside(self) -> Paired:
        """The rows that have an intent."""
        return self.paired.at(self.is_inside)


def said_of(truth: NDArray[np.str_], said: Answers) -> NDArray[np.str_]:
    """The likeliest intent where there is one, and whether it is declined where there is none."""
    return np.where(np.asarray(truth == OUT_OF_SCOPE), said.intents, said.best)


def judge(
    version: ModelVersion,
    *,
    champion: ModelVersion | None,
    dataset: DatasetVersion,
    on_progress: Progress,
) -> Judged:
    """Judge `version` on the audit side of `dataset`.

    Raise ArtifactRefused or VectorsMissing.
    """
    seconds: dict[str, float] = {}
    with _timed("ask", seconds):
        bench = _asked(version, champion, dataset, on_progress)
    on_progress(2, STEPS, "Looking for labels that look wrong")
    learned = version.run.dataset or dataset
    with _timed("doubt", seconds):
        doubted = doubts(bench.candidate, learned, bench.test)
    on_progress(3, STEPS, "Replaying corrections")
    with _timed("replay", seconds):
        replayed = _replayed(bench, learned)
    on_progress(4, STEPS, f"Comparing on {len(bench.test):,} turns")
    with _timed("compare", seconds):
        evidence = _evidence(bench, learned, doubted, replayed)
        verdict = decide(evidence)
        found = _found(bench, evidence, verdict, doubted)
    on_progress(5, STEPS, "Storing the report")
    found["seconds"] = seconds
    return Judged(
        version,
        champion,
        dataset,
        len(bench.test),
        evidence.looks,
        verdict,
        found,
        [*_wrong(bench), *_of_replay(replayed), *_suspects(doubted)],
    )


@contextmanager
def _timed(name: str, seconds: dict[str, float]) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[name] = round(time.monotonic() - began, 3)


# ── asking both ───────────────────────────────────────────────────────────────────────


def _asked(
    version: ModelVersion,
    champion: ModelVersion | None,
    dataset: DatasetVersion,
    on_progress: Progress,
) -> _Bench:
    bot = version.bot
    known = learned_texts(dataset, [one for one in (version, champion) if one])
    test = survey(dataset, side="audit", without=known)
    on_progress(0, STEPS, f"Asking {version} about {len(test):,} turns")
    candidate = asking.ready(bot, version)
    said = candidate.answers(test.texts, test.text_ids)
    live = live_said = None
    if champion:
        on_progress(1, STEPS, f"Asking {champion}, which is live")
        live = asking.ready(bot, champion)
        live_said = live.answers(test.texts, test.text_ids)
    return _Bench(dataset, candidate, live, test, said, live_said)


@dataclass(frozen=True)
class _Replayed:
    """Corrected turns, and what both say of them."""

    found: Corrections
    was: NDArray[np.str_]
    now: NDArray[np.str_]
    confidence: NDArray[np.float32]
    result: Replay


def _replayed(bench: _Bench, learned: DatasetVersion) -> _Replayed | None:
    before = bench.live.version.run.dataset if bench.live else None
    if bench.live is None or before is None or before == learned:
        return None
    found = corrections(learned, since=before)
    both = [one.answers(found.texts, found.text_ids) for one in (bench.live, bench.candidate)]
    was, now = (said_of(found.truth, said) for said in both)
    return _Replayed(found, was, now, both[1].confidence, replay(found.truth, was, now))


# ── what it comes to ──────────────────────────────────────────────────────────────────


def _evidence(
    bench: _Bench, learned: DatasetVersion, doubted: Doubts, replayed: _Replayed | None
) -> Evidence:
    bot, paired, test = bench.dataset.bot, bench.inside, bench.test
    critical = list(Intent.objects.of(bot).critical().values_list("name", flat=True))
    compared = bench.live is not None
    intents = compare_intents(paired, critical=critical)
    return Evidence(
        accuracy=compare_accuracy(paired) if compared else None,
        alone=accuracy_alone(paired.truth, paired.candidate),
        macro_f1=compare_macro_f1(paired, random_state=0) if compared and len(paired) else None,
        intents=intents if compared else (),
        slices=compare_slices(paired, _slices(bench)) if compared else (),
        golden=golden_asking.results(bot, bench.candidate),
        memory=_memory(bench, intents),
        live_reliability=_reliability(test, bench.live_said),
        reliability=_reliability(test, bench.said),
        refusals=_refusals(bench),
        replay=replayed.result if replayed else None,
        annotators=sharing.of_annotators(learned),
        sources=sharing.of_sources(learned),
        habits=doubted.habits,
        quarantined=_quarantined(learned),
        retired=_retired(bench),
        doubt=doubted.doubt,
        looks=EvaluationReport.objects.of(bot).on_most_of(len(test)).count() + 1,
    )


def _slices(bench: _Bench) -> dict[str, NDArray[np.str_]]:
    return {name: values[bench.is_inside] for name, values in slices_of(bench.test).items()}


def _memory(bench: _Bench, intents: Any) -> Any:
    if bench.live is None:
        return None
    return compare_memory(
        bench.inside,
        intents,
        known_before=bench.live.classes.tolist(),
        known_now=bench.candidate.classes.tolist(),
        retired=_archived(bench),
    )


def _archived(bench: _Bench) -> list[str]:
    archived = Intent.objects.of(bench.dataset.bot).archived()
    return list(archived.by_name().values_list("name", flat=True))


def _retired(bench: _Bench) -> list[str]:
    known = set(bench.candidate.classes.tolist())
    return [name for name in _archived(bench) if name in known]


def _reliability(test: Survey, said: Answers | None) -> Reliability | None:
    if said is None:
        return None
    inside, right = _rightness(test, said)
    return reliability(said.confidence[inside], right[inside])


def _rightness(test: Survey, said: Answers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows have an intent, and where the likeliest one is right."""
    truth = test.truth
    return truth != OUT_OF_SCOPE, np.asarray(said.best == truth)


def _refusals(bench: _Bench) -> Any:
    if bench.live_said is None:
        return None
    return compare_refusals(
        bench.test.paired(bench.live_said.intents, bench.said.intents),
        live_scores=bench.live_said.outside,
        candidate_scores=bench.said.outside,
    )


def _quarantined(learned: DatasetVersion) -> list[str]:
    held_back = learned.intents.filter(expected__isnull=False, lifted_at=None)
    return [str(called) for called in held_back.order_by("place")]


def _found(
    bench: _Bench, evidence: Evidence, verdict: GateVerdict, doubted: Doubts
) -> dict[str, Any]:
    """All that the report says besides. No text of anybody is in it."""
    version, test, paired = bench.candidate.version, bench.test, bench.paired
    return {
        "schema": 1,
        "version": version.number,
        "champion": bench.live.version.number if bench.live else None,
        "artifact": version.sha256,
        "dataset": bench.dataset.number,
        "dataset_hash": bench.dataset.content_hash,
        "rows": len(test),
        "left_out": test.left_out,
        "verdict": verdict,
        "evidence": evidence,
        # Beside itself, so that there is a table of a first version too.
        "intents": evidence.intents or compare_intents(bench.inside),
        "recent": _recent(bench),
        "refusals": refusals(paired.truth, bench.said.intents, bench.said.outside),
        "automation": _automation(test, bench.said),
        "live_automation": _automation(test, bench.live_said),
        "confusion": most_confused(paired),
        "curve": doubted.curve,
        "looked_at": len(doubted.rows),
        "cost": {
            **bench.candidate.cost(test.texts, test.text_ids),
            "train_seconds": sum(version.run.seconds.values()),
            "size": version.size,
        },
        "held_out": version.held_out,
    }


def _recent(bench: _Bench) -> Any:
    """The same of the last 90 days."""
    since = timezone.now() - RECENT
    rows = np.array([at >= since for at in bench.test.at], np.bool_)
    paired = bench.paired.at(rows & bench.is_inside)
    if bench.live is None:
        return accuracy_alone(paired.truth, paired.candidate)
    return compare_accuracy(paired)


def _automation(test: Survey, said: Answers | None) -> Any:
    return automation(said.confidence, _rightness(test, said)[1]) if said else None


# ── turns that are listed ─────────────────────────────────────────────────────────────


def _wrong(bench: _Bench) -> list[Listed]:
    """What the candidate gets wrong: first what was right before, then what it is surest of."""
    paired, confidence = bench.paired, bench.said.confidence
    wrong = np.flatnonzero(~paired.candidate_right)
    order = np.lexsort((-confidence[wrong], ~paired.live_right[wrong]))
    return [
        (
            Kind.TEST,
            rank,
            bench.test.turns[row],
            str(paired.truth[row]),
            str(paired.live[row]) if bench.live else "",
            str(paired.candidate[row]),
            round(float(confidence[row]), 6),
        )
        for rank, row in enumerate(wrong[order][:MOST_WRONG].tolist())
    ]


def _of_replay(replayed: _Replayed | None) -> list[Listed]:
    if replayed is None:
        return []
    found = replayed.found
    parts = (
        (Kind.NEWLY_BROKEN, replayed.result.newly_broken),
        (Kind.STILL_WRONG, replayed.result.still_wrong),
        (Kind.FIXED, replayed.result.fixed),
    )
    return [
        (
            kind,
            rank,
            found.turns[row],
            str(found.truth[row]),
            str(replayed.was[row]),
            str(replayed.now[row]),
            round(float(replayed.confidence[row]), 6),
        )
        for kind, rows in parts
        for rank, row in enumerate(rows)
    ]


def _suspects(found: Doubts) -> list[Listed]:
    if found.suspects is None:
        return []
    each = zip(
        found.suspects.rows.tolist(),
        found.suspects.better.tolist(),
        found.suspects.doubt.tolist(),
        strict=True,
    )
    return [
        (Kind.SUSPECT, rank, found.rows.turns[row], found.rows.intents[row], "", better, doubt)
        for rank, (row, better, doubt) in enumerate(each)
        if rank < MOST_SUSPECTS
    ]
