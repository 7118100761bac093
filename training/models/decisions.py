"""Who decided what about a model version, and what is live because of it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Bot
from accounts.scoping import BotOwned, BotOwnedQuerySet
from training.models.reports import EvaluationReport
from training.models.runs import ModelVersion

LONGEST_REASON = 1000


class DecisionSettings(models.Model):
    """How versions of one bot are decided on. Without a row: the defaults."""

    bot = models.OneToOneField(
        Bot, models.PROTECT, primary_key=True, related_name="decision_settings"
    )
    four_eyes = models.BooleanField(
        default=False, help_text="Who started the training cannot promote what came of it."
    )

    def __str__(self) -> str:
        return f"decisions of {self.bot_id}"


class DecisionQuerySet(BotOwnedQuerySet["Decision"]):
    def newest_first(self) -> Self:
        return self.order_by("-pk")


class Decision(BotOwned):
    """Somebody promoted or rejected a model version, and why. It is never edited.

    It binds to the report and to the artifact by their hashes. `four_eyes` and `trained_by` are
    filled in by the database from the settings and the run, so that nobody can leave them out.
    """

    class Verdict(models.TextChoices):
        PROMOTE = "promote", "Promoted"
        REJECT = "reject", "Rejected"

    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="decisions")
    report = models.ForeignKey(EvaluationReport, models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=7, choices=Verdict)
    reason = models.CharField(max_length=LONGEST_REASON)
    override_reason = models.CharField(
        max_length=LONGEST_REASON, default="", help_text="Why, although something blocks."
    )
    report_sha256 = models.CharField(max_length=64)
    artifact_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    four_eyes = models.BooleanField(default=False, editable=False)
    trained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(four_eyes=True, verdict="promote", trained_by__isnull=False)
                | ~Q(by=F("trained_by")),
                name="nobody_promotes_what_they_trained_under_four_eyes",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_decision_has_a_reason"),
        ]
        indexes = [models.Index("version", F("id").desc(), name="decision_newest_of_version")]

    def __str__(self) -> str:
        return f"{self.get_verdict_display().lower()} by {self.by_id}"


class DeploymentQuerySet(BotOwnedQuerySet["Deployment"]):
    def live(self) -> Self:
        return self.filter(until=None)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class Deployment(BotOwned):
    """Which version answers for a bot, from when until when. Rows are added; only `until` is set.

    A promotion names its decision. Rolling back names none: it goes to what was live before.
    """

    champion = models.ForeignKey(ModelVersion, models.PROTECT, related_name="deployments")
    previous = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="+")
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, related_name="deployment")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=LONGEST_REASON)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot"], condition=Q(until=None), name="one_live_deployment_per_bot"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="deployment_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(previous=None) | ~Q(previous=F("champion")),
                name="deployment_replaces_another_version",
            ),
        ]
        indexes = [models.Index("bot", F("id").desc(), name="deployment_newest_of_bot")]

    def __str__(self) -> str:
        return f"{self.champion_id} since {self.since:%Y-%m-%d}"

    @property
    def is_rollback(self) -> bool:
        return self.decision_id is None
