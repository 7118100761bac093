"""Promoting and rejecting model versions.

A decision is about what somebody saw: the report and the artifact by their hashes. What changed
since, and who may not decide, is refused with a sentence; the database refuses the same by itself.
"""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import Bot, User
from accounts.security_log import record
from training import artifact_store, deploying
from training.canonical import digest
from training.models import Decision, DecisionSettings, EvaluationReport, ModelVersion

Verdict = Decision.Verdict

NO_REPORT = "This version has not been judged yet. Judge it first, then decide."
OTHER_REPORT = (
    "The report changed since you opened this page. Nothing was decided. Read the new one below, "
    "then decide again."
)
OTHER_ARTIFACT = (
    "The artifact is not the one that was judged: its SHA-256 differs. Nothing was decided. Check "
    "the artifact, or train again."
)
OTHER_CHAMPION = (
    "Another version went live since this report was made, so it compares with the wrong one. "
    "Nothing was decided. Judge this version again, then decide."
)
OWN_TRAINING = (
    "You started the training of this version, and this bot asks for four eyes: somebody else has "
    "to promote it. Nothing was decided. You can reject it."
)
BLOCKED = (
    "Something blocks this version, as the report says. Nothing was decided. Say why it should go "
    "live all the same, or reject it."
)
IS_LIVE = "This version is live already. Nothing was decided."


class Refused(Exception):
    """Nothing was decided. `str()` of it says why, to a person."""


@dataclass(frozen=True)
class Seen:
    """What somebody had before them when they decided."""

    report_sha256: str
    artifact_sha256: str


def settings_of(bot: Bot) -> DecisionSettings:
    """The stored settings, or the defaults."""
    return DecisionSettings.objects.filter(bot=bot).first() or DecisionSettings(bot=bot)


@transaction.atomic
def change_settings(bot: Bot, *, by: User, four_eyes: bool) -> None:
    DecisionSettings.objects.update_or_create(bot=bot, defaults={"four_eyes": four_eyes})
    record("decision_settings_changed", by=by, bot_id=bot.pk, four_eyes=four_eyes)


def newest_report(version: ModelVersion) -> EvaluationReport | None:
    return (
        version.reports.select_related("champion", "dataset", "created_by").newest_first().first()
    )


def may_not_promote(version: ModelVersion, user: User) -> bool:
    """Whether four eyes keep `user` from promoting `version`."""
    return version.run.created_by_id == user.pk and settings_of(version.bot).four_eyes


@transaction.atomic
def promote(
    version: ModelVersion, *, by: User, seen: Seen, reason: str, override_reason: str = ""
) -> Decision:
    """Let `version` go live. Raise Refused, or deploying.SomebodyWasFaster."""
    report = _bound(version, seen)
    champion = deploying.champion_of(version.bot)
    if champion == version:
        raise Refused(IS_LIVE)
    if report.champion != champion:
        raise Refused(OTHER_CHAMPION)
    if may_not_promote(version, by):
        raise Refused(OWN_TRAINING)
    if not report.passes and not override_reason:
        raise Refused(BLOCKED)
    override = "" if report.passes else override_reason
    decision = _store(version, report, Verdict.PROMOTE, by, reason, override)
    deploying.put_live(decision, instead_of=champion)
    return decision


@transaction.atomic
def reject(version: ModelVersion, *, by: User, seen: Seen, reason: str) -> Decision:
    """Keep `version` from going live, for now. Raise Refused."""
    return _store(version, _bound(version, seen), Verdict.REJECT, by, reason, "")


def _bound(version: ModelVersion, seen: Seen) -> EvaluationReport:
    """The report that was seen. Raise Refused if it, or the artifact, is another by now."""
    report = newest_report(version)
    if report is None:
        raise Refused(NO_REPORT)
    if not seen.report_sha256 == report.sha256 == digest(report.content):
        raise Refused(OTHER_REPORT)
    if not seen.artifact_sha256 == version.sha256 == artifact_store.digest_of(version):
        raise Refused(OTHER_ARTIFACT)
    return report


def _store(
    version: ModelVersion,
    report: EvaluationReport,
    verdict: Decision.Verdict,
    by: User,
    reason: str,
    override_reason: str,
) -> Decision:
    decision = Decision.objects.create(
        bot=version.bot,
        version=version,
        report=report,
        verdict=verdict,
        by=by,
        reason=reason,
        override_reason=override_reason,
        report_sha256=report.sha256,
        artifact_sha256=version.sha256,
    )
    # The database has filled these in.
    decision.refresh_from_db(fields=["four_eyes", "trained_by"])
    record(
        f"version_{verdict.label.lower()}", by=by, bot_id=version.bot_id, version_id=version.pk,
        decision_id=decision.pk, report_id=report.pk, overridden=bool(override_reason),
    )  # fmt: skip
    return decision
