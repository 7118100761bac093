"""What was trained, when, on what, and what came of it."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Bot
from accounts.scoping import BotOwned, BotOwnedQuerySet
from jobs.models import Job
from training.models.datasets import DatasetVersion

SHORTEST_LIMIT, LONGEST_LIMIT = 10, 12 * 3600  # seconds
LARGEST_SEED = 2**31 - 1


class TrainingSettings(models.Model):
    """When and how the model versions of one bot are trained. Without a row: the defaults."""

    class Schedule(models.TextChoices):
        OFF = "off", "Never"
        DAILY = "daily", "Every day"
        WEEKLY = "weekly", "Once a week"

    bot = models.OneToOneField(
        Bot, models.PROTECT, primary_key=True, related_name="training_settings"
    )
    schedule = models.CharField(max_length=6, choices=Schedule, default=Schedule.OFF)
    hour = models.PositiveSmallIntegerField(
        default=3, validators=[MaxValueValidator(23)], help_text="In UTC."
    )
    weekday = models.PositiveSmallIntegerField(
        default=1, validators=[MaxValueValidator(6)], help_text="0 is Sunday, as in cron."
    )
    after_labels = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(10), MaxValueValidator(1_000_000)],
        help_text="Train once so many gold labels are new. Empty: not for that.",
    )
    budget = models.PositiveIntegerField(
        default=120,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_LIMIT)],
        help_text="Seconds to search and fit in.",
    )
    time_limit = models.PositiveIntegerField(
        default=3600,
        validators=[MinValueValidator(SHORTEST_LIMIT), MaxValueValidator(LONGEST_LIMIT)],
        help_text="Seconds after which a run is stopped.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(hour__lte=23, weekday__lte=6), name="training_hour_is_one_of_a_week"
            )
        ]

    def __str__(self) -> str:
        return f"training of {self.bot_id}"


class TrainingRunQuerySet(BotOwnedQuerySet["TrainingRun"]):
    def newest_first(self) -> Self:
        return self.order_by("-number")

    def with_what_is_shown(self) -> Self:
        return self.select_related(
            "job", "dataset", "created_by", "model_version", "warm_start", "bot"
        )


class TrainingRun(BotOwned):
    """One attempt to make a model version. How it stands is what its job says.

    What it was asked to do never changes. `dataset` and `encoder` are filled in when it gets to
    them, and then stay, so that each further try learns from the same.
    """

    class Trigger(models.TextChoices):
        HAND = "hand", "By hand"
        SCHEDULE = "schedule", "On schedule"
        LABELS = "labels", "New labels"

    number = models.PositiveIntegerField()
    job = models.OneToOneField(Job, models.PROTECT, related_name="training_run")
    trigger = models.CharField(max_length=8, choices=Trigger)
    seed = models.PositiveIntegerField()
    budget = models.PositiveIntegerField(help_text="Seconds to search and fit in.")
    warm_start = models.ForeignKey(
        "ModelVersion",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The model version whose weights it begins with.",
    )
    newest_label = models.BigIntegerField(
        default=0, help_text="The newest gold label when it was asked for."
    )
    dataset = models.ForeignKey(
        DatasetVersion, models.PROTECT, null=True, related_name="training_runs"
    )
    encoder = models.CharField(max_length=40, default="", help_text="Version of the encoder.")
    candidates = models.JSONField(default=list, help_text="Everything that was tried, in order.")
    seconds = models.JSONField(default=dict, help_text="{step: seconds}.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bot", "number"], name="one_run_per_bot_and_number"),
            models.CheckConstraint(
                condition=Q(seed__lte=LARGEST_SEED), name="training_seed_is_31_bits"
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.number}"

    @property
    def version(self) -> ModelVersion | None:
        """What it made, if it did."""
        return getattr(self, "model_version", None)


class RunLine(models.Model):
    """One line of a run's log. Lines are added, and never edited."""

    class Tone(models.TextChoices):
        INFO = "info", "Note"
        WARN = "warn", "Mind"

    run = models.ForeignKey(TrainingRun, models.CASCADE, related_name="lines")
    attempt = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)
    tone = models.CharField(max_length=4, choices=Tone, default=Tone.INFO)
    text = models.CharField(max_length=300)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class ModelVersionQuerySet(BotOwnedQuerySet["ModelVersion"]):
    def newest_first(self) -> Self:
        return self.order_by("-number")

    def with_what_made_it(self) -> Self:
        return self.select_related("bot", "run__dataset", "run__warm_start", "run__created_by")


class ModelVersion(BotOwned):
    """What a run made, numbered from 1. It is never edited.

    `sha256` is that of the artifact: a file that has another is refused. `probe` is that of the
    answers to the first rows of its dataset: the same data, seed, encoder and start give the same.
    """

    number = models.PositiveIntegerField()
    run = models.OneToOneField(TrainingRun, models.PROTECT, related_name="model_version")
    encoder = models.CharField(max_length=40, help_text="The version that all vectors must be of.")
    artifact = models.CharField(max_length=200, unique=True, help_text="Its name in the store.")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    libraries = models.JSONField(help_text="{name: version} of what it was made with.")
    figures = models.JSONField(help_text="What was measured while it was made.")
    probe = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot", "number"], name="one_model_version_per_bot_and_number"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$", size__gt=0),
                name="model_version_has_an_artifact",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def held_out(self) -> dict[str, Any]:
        """Figures on rows that it was not fitted on; empty where none could be held out."""
        return dict(self.figures["held_out"])

    @property
    def audit(self) -> dict[str, Any]:
        """Figures on the audit side; empty where it has no rows."""
        return dict(self.figures["audit"])


class QueueDraw(models.Model):
    """How the selection lane of one bot was drawn last."""

    bot = models.OneToOneField(Bot, models.PROTECT, primary_key=True, related_name="queue_draw")
    model_version = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, related_name="+", help_text="None: TypiClust."
    )
    drawn_at = models.DateTimeField(default=timezone.now)
    pool = models.PositiveIntegerField(help_text="Texts that could be drawn.")
    picked = models.PositiveIntegerField(help_text="Texts that were, new topics included.")
    novel = models.PositiveIntegerField(help_text="New topics among them.")
    newest_vector = models.BigIntegerField(default=0, help_text="The newest that was looked at.")
    seconds = models.FloatField()

    def __str__(self) -> str:
        return f"draw for {self.bot_id}"
