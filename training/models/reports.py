"""What was found out about a model version before somebody decides."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.scoping import BotOwned, BotOwnedQuerySet
from annotation.models import Intent
from ingest.models import Turn
from training.models.datasets import DatasetVersion
from training.models.runs import ModelVersion


class EvaluationReportQuerySet(BotOwnedQuerySet["EvaluationReport"]):
    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def on_most_of(self, rows: int) -> Self:
        """Those that looked at half of so many test rows, or more.

        Test sets only grow, so what an earlier report saw is part of what a later one sees.
        """
        return self.filter(rows__gte=rows / 2)


class EvaluationReport(BotOwned):
    """A model version judged on one test set, beside what was live. It is never edited.

    The test set is the audit side of `dataset`. `content` is canonical JSON: evidence, verdict and
    figures, and no text of anybody. `sha256` is that of `content`; the database sees to it.
    """

    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="reports")
    champion = models.ForeignKey(
        ModelVersion,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="What was live then. None: nothing was.",
    )
    dataset = models.ForeignKey(DatasetVersion, models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField(help_text="Test rows.")
    looks = models.PositiveIntegerField(
        help_text="How often the test set had been looked at, this time included."
    )
    outcome = models.CharField(max_length=12, help_text="The gate's, such as: not worse.")
    passes = models.BooleanField(help_text="Whether nothing blocks.")
    headline = models.TextField()
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = EvaluationReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="report_has_a_hash"
            ),
            models.CheckConstraint(condition=Q(looks__gte=1), name="a_report_is_a_look"),
            models.CheckConstraint(
                condition=~Q(champion=F("version")), name="a_version_is_not_its_own_champion"
            ),
        ]
        indexes = [
            models.Index("version", F("id").desc(), name="report_newest_of_version"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"

    @cached_property
    def found(self) -> dict[str, Any]:
        """`content`, read."""
        read: dict[str, Any] = json.loads(self.content)
        return read


class JudgedTurnQuerySet(models.QuerySet["JudgedTurn"]):
    def of_kind(self, report: EvaluationReport, kind: JudgedTurn.Kind) -> Self:
        return self.filter(report=report, kind=kind)

    def about(self, intent: str) -> Self:
        """Those that are of an intent, or were answered with it."""
        return self.filter(Q(truth=intent) | Q(candidate=intent))

    def worst_first(self) -> Self:
        return self.order_by("rank")


class JudgedTurn(models.Model):
    """A turn that a report is about by itself. Its text is the turn's, and goes with it."""

    class Kind(models.TextChoices):
        TEST = "test", "Wrong in the test"
        FIXED = "fixed", "Fixed"
        STILL_WRONG = "still", "Still wrong"
        NEWLY_BROKEN = "broken", "Newly broken"
        SUSPECT = "suspect", "Looks wrongly labelled"

    report = models.ForeignKey(EvaluationReport, models.CASCADE, related_name="turns")
    kind = models.CharField(max_length=7, choices=Kind)
    rank = models.PositiveIntegerField(help_text="The worst of a kind is 0.")
    turn = models.ForeignKey(Turn, models.PROTECT, related_name="+")
    truth = models.CharField(
        max_length=120, help_text="What people said of it. Empty: out of scope."
    )
    live = models.CharField(max_length=120, help_text="What the champion says.")
    candidate = models.CharField(
        max_length=120, help_text="What the version says; of a suspect: what would fit better."
    )
    confidence = models.FloatField(
        null=True, help_text="Of `candidate`, 0 to 1; of a suspect: how much better it fits."
    )

    objects = JudgedTurnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "kind", "rank"], name="one_judged_turn_per_rank"
            )
        ]
        indexes = [
            models.Index(fields=["report", "kind", "truth", "rank"], name="judged_turn_of_intent")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.rank} of {self.report_id}"

    @property
    def is_right(self) -> bool:
        return self.candidate == self.truth


class GoldenCaseQuerySet(BotOwnedQuerySet["GoldenCase"]):
    def in_use(self) -> Self:
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class GoldenCase(BotOwned):
    """What every version is asked, because one failed it or none ever may. It is never edited.

    What is wrong with a case is archived, and kept anew.
    """

    class Kind(models.TextChoices):
        EXACT = "exact", "Exact answer"
        INVARIANCE = "invariance", "Same answer"
        DIRECTION = "direction", "More or less sure"

    kind = models.CharField(max_length=10, choices=Kind)
    texts = ArrayField(models.TextField(), help_text="The first is the one that others vary.")
    intent = models.ForeignKey(
        Intent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="golden_cases",
        help_text="What is expected. None: out of scope; of the same answer: whatever it is.",
    )
    rises = models.BooleanField(default=True, help_text="Of a direction: which way.")
    must_pass = models.BooleanField(default=False)
    why = models.CharField(max_length=500, blank=True, help_text="What it is kept for.")
    turn = models.ForeignKey(
        Turn, models.PROTECT, null=True, related_name="+", help_text="The turn that it was."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)
    archived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = GoldenCaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot", "turn"],
                condition=Q(archived_at=None, turn__isnull=False),
                name="one_golden_case_in_use_per_turn",
            ),
            models.CheckConstraint(
                condition=Q(kind="exact", texts__len__gte=1)
                | Q(kind__in=["invariance", "direction"], texts__len__gte=2),
                name="golden_case_has_texts_enough",
            ),
            models.CheckConstraint(
                condition=~Q(kind="direction") | Q(intent__isnull=False),
                name="golden_direction_is_of_an_intent",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None, archived_by=None)
                | Q(archived_at__isnull=False, archived_by__isnull=False),
                name="golden_case_is_archived_by_somebody",
            ),
        ]
        indexes = [models.Index("bot", F("id").desc(), name="golden_newest_of_bot")]

    def __str__(self) -> str:
        return self.texts[0][:60]
