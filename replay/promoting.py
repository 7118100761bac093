"""The verdict that decides, and the admin who acts on it through the page of the version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from replay.browsing import Browser
from training.models import Decision, EvaluationReport, ModelVersion

BETTER = "better"
REASON = "Decided by the rule of a replay: {why}"
OVERRIDE = (
    "A replay: too little of the audit is labelled to be sure, and the estimate is not lower. "
    "People would wait, or look for themselves."
)


@dataclass(frozen=True)
class Choice:
    """What to do with a version, and why."""

    verdict: Literal["promote", "reject"]
    why: str
    overrides: bool = False


def choose(report: EvaluationReport, *, only_better: bool) -> Choice:
    """Promote the first version, then what is not lower and not called worse.

    Too few rows of the audit block as well, and a replay of a thousand labels never has enough: so
    the admin overrides such a block, with a sentence that says so. `only_better` waits instead.
    """
    found: dict[str, Any] = report.found
    harmful = [one["sentence"] for one in found["verdict"]["blocks"] if one["harm"]]
    if harmful:
        return Choice("reject", harmful[0])
    if report.champion_id is None:
        return Choice("promote", "nothing is live.", overrides=not report.passes)
    if only_better:
        return _if_better(report)
    estimates = _estimates(found)
    if estimates is None:
        return Choice("reject", "no turn of the audit is labelled yet to compare on.")
    now, before = estimates
    if now < before:
        return Choice("reject", f"accuracy {now:.3f} on the audit, live {before:.3f}.")
    return Choice(
        "promote", f"accuracy {now:.3f} on the audit, live {before:.3f}.",
        overrides=not report.passes,
    )  # fmt: skip


def _if_better(report: EvaluationReport) -> Choice:
    if report.outcome == BETTER and report.passes:
        return Choice("promote", "it is better, beyond doubt.")
    return Choice("reject", f"the verdict is {report.outcome}.")


def _estimates(found: dict[str, Any]) -> tuple[float, float] | None:
    """Accuracy on the audit of the version and of what is live; None without a row of it."""
    of = found["evidence"]["accuracy"]
    if not of or of["candidate"] is None:
        return None
    return float(of["candidate"]), float(of["live"])


def decided(version: ModelVersion) -> Choice | None:
    """What was decided about a version before; None where nothing was."""
    found = version.decisions.newest_first().first()
    if found is None:
        return None
    verdict: Literal["promote", "reject"] = (
        "promote" if found.verdict == Decision.Verdict.PROMOTE else "reject"
    )
    return Choice(verdict, found.reason, overrides=bool(found.override_reason))


def decide(browser: Browser, version: ModelVersion, choice: Choice) -> None:
    """Send the form on the version's page. Raise Trouble where it is refused."""
    path = f"/models/{version.pk}/"
    form = browser.form(path, "report_sha256", bot=version.bot.slug)
    typed = {"verdict": choice.verdict, "reason": REASON.format(why=choice.why)}
    if choice.overrides and choice.verdict == "promote":
        typed["override_reason"] = OVERRIDE
    browser.send(form, **typed)
