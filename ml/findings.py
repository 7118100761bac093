"""What speaks against a candidate, row by row of the report."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ml.comparing import Alone, Comparison
from ml.evidence import Evidence
from ml.per_intent import IntentComparison
from ml.shares import MOST
from ml.wording import count, listed, percent, points

Unit = Literal["points", "share", "rows", "conversations", "cases", "intents", "looks", "score"]


DISHONEST = 0.05  # calibration error above which confidence misleads
GAP = 0.05  # a slice's accuracy below that of all others, for sure
SUSPECT = 0.03  # share of labels that look plainly wrong
MANY_LOOKS = 20  # at one test set, after which the best of them is partly luck


@dataclass(frozen=True)
class Finding:
    """One thing that speaks against the candidate.

    code : str
        What kind, such as "accuracy_worse".
    row : str
        Where it stands on the report, such as "intent: card_lost".
    figure, bar : float or None
        What was found, and what it should have reached or stayed under; None where neither is a
        number.
    unit : str
        Of both. "points" are shares too: 0.02 is two points.
    blocks : bool
        Whether nothing goes live without a person's override.
    harm : bool
        Whether it says that the candidate is worse, rather than that too little is known.
    sentence : str
    """

    code: str
    row: str
    figure: float | None
    bar: float | None
    unit: Unit
    blocks: bool
    harm: bool
    sentence: str


# ── what is measured on the test rows ─────────────────────────────────────────────────


def _accuracy(evidence: Evidence) -> Iterator[Finding]:
    of = evidence.accuracy
    if of is None:
        yield from _alone(evidence.alone)
    elif of.verdict == "worse":
        yield Finding(
            "accuracy_worse", "accuracy", of.difference, -of.margin, "points", True, True,
            f"Accuracy fell from {percent(of.live)} to {percent(of.candidate)} "
            f"({points(of.lower)} to {points(of.upper)} points on {count(of.rows, 'row')}); "
            f"at most {points(of.margin)[1:]} points may be lost.",
        )  # fmt: skip
    elif of.verdict == "inconclusive" and of.rows_needed is not None:
        yield Finding(
            "too_few_rows", "accuracy", of.rows, of.rows_needed, "rows", True, False,
            f"{count(of.rows, 'test row')} cannot tell whether accuracy held. "
            f"It takes about {count(of.rows_needed, 'row')}, {of.rows_needed - of.rows:,} more."
            + _so_far(of),
        )  # fmt: skip
    elif of.verdict == "inconclusive":
        yield Finding(
            "accuracy_unclear", "accuracy", of.lower, -of.margin, "points", True, False,
            f"Accuracy may have fallen by up to {points(-of.lower)[1:]} points, and "
            f"{points(of.margin)[1:]} may be lost. As things look, more rows would not clear it.",
        )  # fmt: skip


def _so_far(of: Comparison) -> str:
    """What few rows say all the same, lest its interval in the table look like a verdict."""
    if not of.rows:
        return ""
    return (
        f" So far it is {percent(of.candidate)} against {percent(of.live)}, "
        f"{points(of.lower)} to {points(of.upper)} points."
    )


def _alone(of: Alone | None) -> Iterator[Finding]:
    rows = of.rows if of else 0
    if of is None or not of.precise:
        needed = of.rows_needed if of else None
        takes = f" It takes about {count(needed, 'row')}." if needed else ""
        yield Finding(
            "too_few_rows", "accuracy", rows, needed, "rows", True, False,
            f"{count(rows, 'test row')} cannot tell how accurate it is.{takes}",
        )  # fmt: skip


def _macro_f1(evidence: Evidence) -> Iterator[Finding]:
    of = evidence.macro_f1
    if of is None:
        return
    strays = f"({points(of.lower)} to {points(of.upper)} points)"
    if of.verdict == "worse":
        yield Finding(
            "macro_f1_worse", "macro-F1", of.difference, -of.margin, "points", True, True,
            f"Macro-F1 fell from {of.live:.3f} to {of.candidate:.3f} {strays}; "
            f"at most {points(of.margin)[1:]} points may be lost.",
        )  # fmt: skip
    elif of.verdict == "inconclusive":
        takes = of.conversations_needed
        yield Finding(
            "macro_f1_unclear", "macro-F1", of.conversations, takes, "conversations", False, False,
            f"Whether macro-F1 held cannot be told from {count(of.conversations, 'conversation')}"
            + (f" {strays}." if of.conversations else ".")
            + (f" It takes about {takes:,}." if takes else ""),
        )  # fmt: skip


def _intents(evidence: Evidence) -> Iterator[Finding]:
    for of in evidence.intents:
        if of.status == "regressed":
            yield _regressed(of)
    for of in evidence.intents:
        if of.critical and of.status == "inconclusive":
            takes = f" It takes about {of.rows_needed:,}." if of.rows_needed else ""
            yield Finding(
                "critical_unclear", f"intent: {of.intent}", of.rows, of.rows_needed, "rows",
                False, False,
                f"The critical intent {of.intent} is inconclusive: {count(of.rows, 'row')}.{takes}",
            )  # fmt: skip
    warned = [of.intent for of in evidence.intents if of.warned and of.status != "regressed"]
    if warned:
        yield Finding(
            "intents_warned", "intents", len(warned), 0, "intents", False, False,
            f"Look at {listed(warned)}: they may have become worse.",
        )  # fmt: skip


def _regressed(of: IntentComparison) -> Finding:
    code, kind = "intent_regressed", "intent"
    if of.critical:
        code, kind = "critical_regressed", "critical intent"
    row = f"intent: {of.intent}"
    if of.because == "missed":
        now, before = of.candidate.recall, of.live.recall
        return Finding(
            code, row, now, before, "share", of.critical, of.critical,
            f"The {kind} {of.intent} is recognised in {percent(now)} of its turns, before it was "
            f"{percent(before)} ({count(of.rows, 'row')}).",
        )  # fmt: skip
    wrongly, wrongly_before = (one.said - one.right for one in (of.candidate, of.live))
    return Finding(
        code, row, wrongly, wrongly_before, "rows", of.critical, of.critical,
        f"{count(wrongly, 'turn')} of something else are answered with the {kind} {of.intent}, "
        f"before it was {wrongly_before:,}.",
    )  # fmt: skip


def _slices(evidence: Evidence) -> Iterator[Finding]:
    for of in evidence.slices:
        row = f"slice: {of.name} {of.value}"
        if of.status == "regressed":
            yield Finding(
                "slice_regressed", row, of.candidate, of.live, "share", True, True,
                f"Where {of.name} is {of.value}, accuracy fell from {percent(of.live)} to "
                f"{percent(of.candidate)} ({count(of.rows, 'row')}).",
            )  # fmt: skip
        elif of.status != "too few" and of.gap_upper < -GAP:
            yield Finding(
                "slice_behind", row, of.gap, -GAP, "points", False, False,
                f"Where {of.name} is {of.value}, accuracy is {points(of.gap)[1:]} points below "
                f"that of all other turns.",
            )  # fmt: skip


def _memory(evidence: Evidence) -> Iterator[Finding]:
    of = evidence.memory
    if of and of.gone:
        verb = "is" if len(of.gone) == 1 else "are"
        yield Finding(
            "intents_gone", "forgetting", len(of.gone), 0, "intents", True, True,
            f"The live version knows {listed(list(of.gone))}, which {verb} in use and which the "
            "candidate cannot answer with.",
        )  # fmt: skip


def _reliability(evidence: Evidence) -> Iterator[Finding]:
    of, before = evidence.reliability, evidence.live_reliability
    if of and of.error > DISHONEST and not (before and before.error >= of.error):
        how = "too sure" if of.surplus > 0 else "not sure enough"
        yield Finding(
            "miscalibrated", "calibration", of.error, DISHONEST, "share", False, False,
            f"Its confidence is {points(of.error)[1:]} points off on average; it is {how}.",
        )  # fmt: skip


def _refusals(evidence: Evidence) -> Iterator[Finding]:
    of = evidence.refusals
    if of and of.status == "regressed":
        yield Finding(
            "refusals_regressed", "out of scope", of.candidate.answered, of.live.answered, "share",
            False, False,
            f"It answers {percent(of.candidate.answered)} of what has no intent, before it was "
            f"{percent(of.live.answered)}.",
        )  # fmt: skip


# ── what people kept, and what they taught ────────────────────────────────────────────


def _golden(evidence: Evidence) -> Iterator[Finding]:
    failed = [case for case in evidence.golden if not case.passed]
    for must_pass, code in ((True, "golden_must_pass"), (False, "golden_failed")):
        keys = [case.key for case in failed if case.must_pass == must_pass]
        if keys:
            said = "must pass" if must_pass else "should pass"
            yield Finding(
                code, "golden suite", len(keys), 0, "cases", must_pass, False,
                f"{count(len(keys), 'golden case')} that {said} failed: {listed(keys)}.",
            )  # fmt: skip


def _replay(evidence: Evidence) -> Iterator[Finding]:
    of = evidence.replay
    if of and of.newly_broken:
        yield Finding(
            "newly_broken", "fix replay", len(of.newly_broken), 0, "rows", False, False,
            f"Of {count(of.rows, 'corrected turn')} {len(of.fixed):,} are fixed, and "
            f"{len(of.newly_broken):,} that were right before are wrong now.",
        )  # fmt: skip


def _shares(evidence: Evidence) -> Iterator[Finding]:
    for kind, parts in (("annotator", evidence.annotators), ("source", evidence.sources)):
        for of in parts:
            if of.too_much:
                whose = f"rows of {of.intent}" if of.intent else "training rows"
                yield Finding(
                    f"{kind}_share", f"{kind}: {of.name}", of.share, MOST, "share", False, False,
                    f"The {kind} {of.name} gave {percent(of.share)} of the {whose}; more than a "
                    "fifth teaches one voice.",
                )  # fmt: skip


def _habits(evidence: Evidence) -> Iterator[Finding]:
    for of in evidence.habits:
        yield Finding(
            "habit", f"annotator: {of.name}", of.apart, of.others_apart, "share", False, False,
            f"{percent(of.apart)} of {of.name}'s labels differ from what the other rows teach, of "
            f"the others' {percent(of.others_apart)}; most often {of.given or 'out of scope'} for "
            f"{of.expected or 'out of scope'} ({count(of.times, 'time')}).",
        )  # fmt: skip


def _doubt(evidence: Evidence) -> Iterator[Finding]:
    of = evidence.doubt
    if of and of.rows and of.suspect > SUSPECT * of.rows:
        yield Finding(
            "suspect_labels", "suspected wrong labels", of.suspect / of.rows, SUSPECT, "share",
            False, False,
            f"{count(of.suspect, 'label')} of {of.rows:,} look plainly wrong; queue them to be "
            "read again.",
        )  # fmt: skip


def _quarantined(evidence: Evidence) -> Iterator[Finding]:
    if evidence.quarantined:
        yield Finding(
            "quarantined", "dataset", len(evidence.quarantined), 0, "intents", False, False,
            f"{listed(list(evidence.quarantined))} grew out of step with the others; look at the "
            "new rows before they teach.",
        )  # fmt: skip


def _retired(evidence: Evidence) -> Iterator[Finding]:
    if evidence.retired:
        verb, owner = ("is", "its") if len(evidence.retired) == 1 else ("are", "their")
        yield Finding(
            "retired", "dataset", len(evidence.retired), 0, "intents", False, False,
            f"It answers with {listed(list(evidence.retired))}, which {verb} archived: {owner} "
            "labels still teach. Answer those turns again, or bring the intent back.",
        )  # fmt: skip


def _looks(evidence: Evidence) -> Iterator[Finding]:
    if evidence.looks > MANY_LOOKS:
        yield Finding(
            "many_looks", "test set", evidence.looks, MANY_LOOKS, "looks", False, False,
            f"This test set was looked at {evidence.looks:,} times; the best of so many versions "
            "is partly luck.",
        )  # fmt: skip


Reader = Callable[[Evidence], Iterator[Finding]]
# In the order of the report.
ROWS: tuple[Reader, ...] = (
    *(_accuracy, _macro_f1, _intents, _slices, _memory, _reliability, _refusals),
    *(_golden, _replay, _shares, _habits, _doubt, _quarantined, _retired, _looks),
)
