"""What the page of a model version reads: its report, and what can be decided by it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Bot, User
from jobs.models import Job
from ml.wording import listed
from training import charts, deciding, deploying, evaluating
from training.charts import Chart
from training.models import (
    Decision,
    Deployment,
    EvaluationReport,
    GoldenCase,
    JudgedTurn,
    ModelVersion,
)

INTENTS = 25  # on a page
FIRST_TURNS = 10  # of each kind, on the page of the version
MOST_DECISIONS, MOST_REPORTS = 10, 10

Kind = JudgedTurn.Kind
Found = dict[str, Any]

SORTS: dict[str, Callable[[Found], Any]] = {
    "verdict": lambda one: 0,  # as they come: regressed ones first
    "name": lambda one: one["intent"],
    "rows": lambda one: -one["rows"],
    "difference": lambda one: one["difference"] if one["difference"] is not None else 9,
    "recall": lambda one: one["candidate"]["recall"] if one["rows"] else 9,
}


@dataclass(frozen=True)
class Shown:
    """One report, as the page shows it."""

    report: EvaluationReport
    found: Found
    figures: list[Found]
    charts: list[Chart]
    dumbbell: Chart
    intents: Page[Any]
    lists: list[tuple[str, str, list[JudgedTurn]]]  # kind, title, turns
    suspects: list[JudgedTurn]
    golden: list[Found]
    reports: list[EvaluationReport]

    @property
    def evidence(self) -> Found:
        evidence: Found = self.found["evidence"]
        return evidence

    @property
    def sorts(self) -> list[str]:
        return list(SORTS)

    @property
    def further(self) -> list[Found]:
        """What speaks against it besides what the headline says."""
        verdict = self.found["verdict"]
        each = [*verdict["blocks"], *verdict["cautions"]]
        return [one for one in each if one["sentence"] not in self.report.headline]

    @property
    def too_few(self) -> bool:
        """Whether more rows of the audit would bring a verdict."""
        return any(one["code"] == "too_few_rows" for one in self.found["verdict"]["blocks"])

    @property
    def compared(self) -> bool:
        return self.report.champion_id is not None


@dataclass(frozen=True)
class Standing:
    """What may be decided, and what was."""

    live: Deployment | None
    decisions: list[Decision]
    judging: Job | None
    is_live: bool
    needs_another: bool  # four eyes: somebody else has to promote it
    outdated: bool  # the report compares with what is not live any more
    rolled_back: Deployment | None  # what took its place when it was rolled back last

    @property
    def may_promote(self) -> bool:
        return not (self.is_live or self.needs_another or self.outdated)


def versions_of(bot: Bot) -> QuerySet[ModelVersion]:
    """All versions, the newest first, each with `outcome` and `decided` as they stand now."""
    reports = EvaluationReport.objects.filter(version=OuterRef("pk")).newest_first()
    decisions = Decision.objects.filter(version=OuterRef("pk")).newest_first()
    return (
        ModelVersion.objects.of(bot)
        .select_related("run__dataset")
        .annotate(
            outcome=Subquery(reports.values("outcome")[:1]),
            decided=Subquery(decisions.values("verdict")[:1]),
        )
        .newest_first()
    )


def report_of(version: ModelVersion, number: int | None) -> EvaluationReport | None:
    """The report of that key; without one the newest."""
    of_version = version.reports.select_related("champion", "dataset", "created_by")
    if number:
        return of_version.filter(pk=number).first()
    return of_version.newest_first().first()


def shown(report: EvaluationReport, *, page: str | None, sort: str) -> Shown:
    found, compared = report.found, report.champion_id is not None
    each = sorted(found["intents"], key=SORTS.get(sort, SORTS["verdict"]))
    intents = Paginator(each, INTENTS).get_page(page)
    first = _first_turns(report)
    return Shown(
        report,
        found,
        figures_of(found, compared=compared),
        plots(found, compared=compared),
        charts.dumbbell(list(intents), compared=compared),
        intents,
        [(kind.value, TITLES[kind], first[kind]) for kind in LISTS if first[kind]],
        first[Kind.SUSPECT],
        _golden(found),
        list(report.version.reports.select_related("champion").newest_first()[:MOST_REPORTS]),
    )


LISTS = (Kind.TEST, Kind.NEWLY_BROKEN, Kind.STILL_WRONG, Kind.FIXED)
TITLES = {
    Kind.TEST: "Turns of the test that it gets wrong",
    Kind.NEWLY_BROKEN: "Corrected turns that were right and are wrong now",
    Kind.STILL_WRONG: "Corrected turns that are still wrong",
    Kind.FIXED: "Corrected turns that are fixed",
    Kind.SUSPECT: "Labels that look wrong",
}


def _first_turns(report: EvaluationReport) -> dict[Kind, list[JudgedTurn]]:
    rows = report.turns.filter(rank__lt=FIRST_TURNS).select_related("turn").order_by("kind", "rank")
    found: dict[Kind, list[JudgedTurn]] = {kind: [] for kind in Kind}
    for row in rows:
        found[Kind(row.kind)].append(row)
    return found


def plots(found: Found, *, compared: bool) -> list[Chart]:
    """All but the dumbbell, which goes with the table of intents."""
    evidence = found["evidence"]
    each = (
        charts.diagram(evidence["live_reliability"], evidence["reliability"]),
        charts.coverage(found["live_automation"], found["automation"]),
        charts.learning(found["curve"]),
        charts.confused(found["confusion"], compared=compared),
    )
    return [chart for chart in each if chart]


def _golden(found: Found) -> list[Found]:
    """Results with the case that each is of; failed ones first."""
    results = found["evidence"]["golden"]
    keys = [int(one["key"].removeprefix("#")) for one in results]
    cases = GoldenCase.objects.select_related("intent").in_bulk(keys) if keys else {}
    both = [one | {"case": cases.get(key)} for one, key in zip(results, keys, strict=True)]
    return sorted(both, key=lambda one: (one["passed"], not one["must_pass"]))


def figures_of(found: Found, *, compared: bool) -> list[Found]:
    """Figures side by side: {name, note, live, candidate, difference}, shares as they are."""
    evidence = found["evidence"]
    accuracy, f1 = evidence["accuracy"], evidence["macro_f1"]
    now, before = evidence["reliability"], evidence["live_reliability"]
    refused = evidence["refusals"]
    out = refused["candidate"] if refused else found["refusals"]
    out_live = refused["live"] if refused else None
    alone, alone_live = found["automation"], found["live_automation"]
    recent = found["recent"] or {}
    return [
        _figure("Accuracy", ACCURACY, "percent", accuracy or {"candidate": _alone(evidence)},
                accuracy or evidence["alone"]),
        _figure("Accuracy, last 90 days", RECENT.format(rows=recent.get("rows", 0)), "percent",
                {"live": recent.get("live"),
                 "candidate": recent.get("candidate", recent.get("accuracy"))}, recent),
        _figure("Macro-F1", MACRO_F1, "score", f1 or {}, f1),
        _figure("Calibration error", CALIBRATION, "percent", _both(before, now, "error")),
        _figure("Brier score", BRIER, "score", _both(before, now, "brier")),
        _figure("Answered alone at 95 %", ALONE, "percent", _both(alone_live, alone, "coverage")),
        _figure("Out of scope, answered", OUTSIDE, "percent", _both(out_live, out, "answered")),
        _figure("Out of scope, AUROC", AUROC, "score", _both(out_live, out, "auroc")),
        _figure("In scope, declined", DECLINED, "percent", _both(out_live, out, "declined")),
    ]  # fmt: skip


ACCURACY = "Of the turns that have an intent, so many get the right one as the likeliest."
RECENT = "The same on {rows:,} turns of the last 90 days."
MACRO_F1 = "The mean over intents, rare ones counting as much as frequent ones."
CALIBRATION = "How far confidence is from how often it is right; 0 is honest."
BRIER = "Confidence and rightness in one figure; less is better."
ALONE = "The share of turns, the surest first, of which 95 of 100 are right."
OUTSIDE = "Of turns without an intent, so many get one all the same. Less is better."
AUROC = "How well it tells what has no intent; 0.5 is chance."
DECLINED = "Of turns with an intent, so many are taken for out of scope. Less is better."


def _alone(evidence: Found) -> float | None:
    alone: float | None = (evidence["alone"] or {}).get("accuracy")
    return alone


def _both(live: Found | None, candidate: Found | None, key: str) -> Found:
    return {"live": (live or {}).get(key), "candidate": (candidate or {}).get(key)}


def _figure(name: str, note: str, unit: str, values: Found, interval: Found | None = None) -> Found:
    return {
        "name": name,
        "note": note,
        "unit": unit,
        "live": values.get("live"),
        "candidate": values.get("candidate"),
        "interval": interval if interval and "difference" in interval else None,
        "alone": interval if interval and "difference" not in interval else None,
    }


def standing(version: ModelVersion, report: EvaluationReport | None, *, user: User) -> Standing:
    live = deploying.live(version.bot)
    champion = live.champion if live else None
    decisions = version.decisions.select_related("by").newest_first()[:MOST_DECISIONS]
    return Standing(
        live,
        list(decisions),
        evaluating.newest_judging(version),
        champion == version,
        deciding.may_not_promote(version, user),
        report is not None and champion != version and report.champion != champion,
        None if champion == version else deploying.rolled_back(version),
    )


def card_of(version: ModelVersion, report: EvaluationReport | None) -> list[tuple[str, str]]:
    """The model card: what somebody must know who will rely on it."""
    rows, dataset = version.figures["rows"], version.run.dataset
    card = [
        ("What it does", "Says which intent a user's turn has, and how sure that is."),
        ("Not for", "Decisions about people. It knows one bot's intents and their languages only."),
        (
            "Learned from",
            f"Dataset version {dataset.number if dataset else '–'}: {rows['train']:,} turns with "
            f"an intent, {rows['out_of_scope']:,} out of scope. At most five of one source, "
            "near-duplicates once, personal data redacted.",
        ),
        ("Encoder", version.encoder),
        ("Artifact", f"SHA-256 {version.sha256}"),
    ]
    if report:
        cautions = [one["row"] for one in report.found["verdict"]["cautions"]]
        card += [
            (
                "Tested on",
                f"{report.rows:,} turns of the audit, drawn at random, that it did not learn. "
                f"Looked at {report.looks:,} times.",
            ),
            ("Verdict", report.headline),
            ("Look at", listed(cautions) if cautions else "Nothing in particular."),
            ("Report", f"SHA-256 {report.sha256}"),
        ]
    decision = version.decisions.newest_first().first()
    if decision:
        over = f" Overridden: {decision.override_reason}" if decision.override_reason else ""
        card.append(("Decided", f"{decision.get_verdict_display()}. {decision.reason}{over}"))
    return card
