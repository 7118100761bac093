"""May this candidate go live, and if not, which row of the report says so?

A person decides; the gate says what speaks against it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ml.evidence import Evidence
from ml.findings import ROWS, Finding
from ml.wording import percent, points

Outcome = Literal["better", "not worse", "worse", "inconclusive", "first"]


@dataclass(frozen=True)
class GateVerdict:
    """What the gate says.

    outcome : {"better", "not worse", "worse", "inconclusive", "first"}
    passes : bool
        Nothing blocks.
    headline : str
        The outcome in a sentence.
    blocks, cautions : tuple of Finding
        In the order of the report.
    """

    outcome: Outcome
    passes: bool
    headline: str
    blocks: tuple[Finding, ...]
    cautions: tuple[Finding, ...]


def decide(evidence: Evidence) -> GateVerdict:
    """Read the whole report. Too little is never a pass."""
    found = [finding for read in ROWS for finding in read(evidence)]
    blocks = tuple(finding for finding in found if finding.blocks)
    cautions = tuple(finding for finding in found if not finding.blocks)
    outcome = _outcome(evidence, blocks)
    headline = " ".join([_headline(evidence, outcome, blocks), *_unclear(cautions)])
    return GateVerdict(outcome, not blocks, headline, blocks, cautions)


def _outcome(evidence: Evidence, blocks: Sequence[Finding]) -> Outcome:
    if any(block.harm for block in blocks):
        return "worse"
    if any(block.row == "accuracy" for block in blocks):
        return "inconclusive"
    if evidence.accuracy is None:
        return "first"
    if evidence.macro_f1 and evidence.macro_f1.verdict == "better":
        return "better"
    return evidence.accuracy.verdict


def _headline(evidence: Evidence, outcome: Outcome, blocks: Sequence[Finding]) -> str:
    said = "Nothing is live to compare with" if outcome == "first" else outcome.capitalize()
    if outcome == "worse":
        return f"{said}: {_harm(blocks)}"
    if outcome == "inconclusive":
        return f"{said}: {blocks[0].sentence}"
    if blocks:
        return f"{said}, but not to go live: {blocks[0].sentence}"
    return f"{said}: {_first_figures(evidence) if outcome == 'first' else _figures(evidence)}"


def _harm(blocks: Sequence[Finding]) -> str:
    """The first harm, and each critical intent that is: somebody marked it to be told of it."""
    harm = [block for block in blocks if block.harm]
    more = [block for block in harm[1:] if block.code == "critical_regressed"]
    return " ".join(block.sentence for block in [harm[0], *more])


def _unclear(cautions: Sequence[Finding]) -> list[str]:
    """Critical intents that nobody can judge stand in the first line too."""
    return [finding.sentence for finding in cautions if finding.code == "critical_unclear"]


def _figures(evidence: Evidence) -> str:
    of, f1 = evidence.accuracy, evidence.macro_f1
    if of is None:
        return ""
    if of.verdict != "better" and f1 and f1.verdict == "better":
        return (
            f"macro-F1 {f1.candidate:.3f} against {f1.live:.3f}, "
            f"{points(f1.lower)} to {points(f1.upper)} points."
        )
    return (
        f"accuracy {percent(of.candidate)} against {percent(of.live)}, "
        f"{points(of.lower)} to {points(of.upper)} points."
    )


def _first_figures(evidence: Evidence) -> str:
    of = evidence.alone
    if of is None:
        return ""
    return f"accuracy {percent(of.accuracy)}, {percent(of.lower)} to {percent(of.upper)}."
