"""What was answered to bots, and what kept a version from answering."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.scoping import BotOwned, BotOwnedQuerySet
from ingest.models import of_a_bot
from training.models import ModelVersion


class PredictionQuerySet(BotOwnedQuerySet["Prediction"]):
    def waiting(self) -> Self:
        """Those that are no turns yet."""
        return self.filter(waiting__isnull=False)


class Prediction(BotOwned):
    """What a version answered to one text; without a version, what it could not.

    The key is that of the event which its turn is made of, so whoever asks the same again meets
    the row that is there. What was answered never changes. `waiting` is what the turn will be made
    of, redacted; it is emptied in the transaction that makes it.
    """

    class Arm(models.TextChoices):
        CHAMPION = "champion", "Champion"
        NONE = "", "Nobody"

    id = models.UUIDField(primary_key=True, editable=False)
    bot = of_a_bot()
    # No foreign keys: the conversation may come later, and to check the version would have
    # everybody who asks lock its row.
    conversation = models.UUIDField()
    conversation_name = models.CharField(max_length=200)
    version = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    arm = models.CharField(max_length=10, choices=Arm, default=Arm.NONE, blank=True)
    at = models.DateTimeField(help_text="When the text was said.")
    made_at = models.DateTimeField(default=timezone.now)
    intent = models.CharField(max_length=120, default="", help_text="Empty: out of scope, or none.")
    confidence = models.FloatField(null=True, help_text="Of the likeliest intent, 0 to 1.")
    margin = models.FloatField(null=True, help_text="Best minus second-best, 0 to 1.")
    outside = models.FloatField(null=True, help_text="How far from every intent.")
    out_of_scope = models.BooleanField(default=False)
    best_first = models.JSONField(default=list, help_text="[{intent, confidence}], 5 at most.")
    spans = models.JSONField(default=list, help_text="[{type, start, end}] of the text as sent.")
    digest = models.UUIDField(help_text="Of what was asked, before redaction.")
    waiting = models.JSONField(null=True, help_text="What its turn will be made of.")
    queued_at = models.DateTimeField(null=True, help_text="When it was queued for its own sake.")

    objects = PredictionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(version=None, arm="") | (Q(version__isnull=False) & ~Q(arm="")),
                name="prediction_is_of_a_version_in_an_arm",
            ),
        ]
        indexes = [
            models.Index(
                fields=["bot", "made_at"],
                condition=Q(waiting__isnull=False),
                name="prediction_waiting",
            ),
            models.Index(fields=["made_at"], name="prediction_by_time"),
            models.Index(fields=["conversation"], name="prediction_of_conversation"),
            models.Index(
                fields=["bot", "queued_at"],
                condition=Q(queued_at__isnull=False),
                name="prediction_queued",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ArtifactTrouble(BotOwned):
    """A version that should answer and cannot, since when, and why. It goes when it can."""

    version = models.OneToOneField(
        ModelVersion, models.PROTECT, primary_key=True, related_name="artifact_trouble"
    )
    sentence = models.CharField(max_length=500)
    since = models.DateTimeField(default=timezone.now)

    objects = BotOwnedQuerySet["ArtifactTrouble"].as_manager()

    def __str__(self) -> str:
        return self.sentence
