"""How events are taken in, which were, and whose stay out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Bot
from accounts.scoping import BotOwned, BotOwnedQuerySet


def of_a_bot() -> models.ForeignKey[Bot, Bot]:
    """The bot of a row of which there are very many.

    No index of its own: others begin with it. No constraint: bots are never deleted, and to
    check it each event would lock the row of its bot five times, beside all others that do.
    """
    return models.ForeignKey(
        Bot, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )


class IntakeSettings(models.Model):
    """How the events of one bot are taken in. A bot without a row has the defaults."""

    bot = models.OneToOneField(
        Bot, models.PROTECT, primary_key=True, related_name="intake_settings"
    )
    silence_minutes = models.PositiveIntegerField(
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(60 * 24 * 30)],
        help_text="An open conversation that is silent for so long was abandoned.",
    )
    audit_percent = models.FloatField(
        default=2.0,
        validators=[MinValueValidator(0), MaxValueValidator(50)],
        help_text="Share of conversations that only test, and never train.",
    )
    audit_percent_now = models.FloatField(
        null=True, help_text="Raised above audit_percent while there is little traffic."
    )
    retention_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36500)],
        help_text="Conversations that ended longer ago are deleted. Empty: they are kept.",
    )
    own_ids = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        help_text="What this bot's own ids look like (regular expressions).",
    )
    signals = models.JSONField(
        default=dict, help_text="Weights and thresholds that differ from the defaults."
    )
    encoder = models.CharField(max_length=20, default="use")
    vector_generation = models.PositiveBigIntegerField(
        default=0, help_text="Counts deletions of vectors, so that copies know they are old."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(audit_percent__gte=0, audit_percent__lte=50),
                name="audit_percent_between_0_and_50",
            ),
        ]

    def __str__(self) -> str:
        return f"intake of {self.bot_id}"

    @property
    def audit_share(self) -> float:
        """The share of new conversations that go to the audit side, from 0 to 1."""
        return max(self.audit_percent, self.audit_percent_now or 0.0) / 100


class Delivery(BotOwned):
    """One signed request that was accepted, so that a second copy of it is known.

    The key is made of the bot and the webhook-id.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    bot = of_a_bot()
    digest = models.UUIDField(help_text="Of the body.")
    event_count = models.PositiveIntegerField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="delivery_oldest_first")]

    def __str__(self) -> str:
        return str(self.id)


class TombstoneQuerySet(BotOwnedQuerySet["Tombstone"]):
    pass


class Tombstone(BotOwned):
    """Somebody who was erased, or a conversation of theirs: what was said until then stays out."""

    bot = of_a_bot()
    subject = models.UUIDField(help_text="The end user's pseudonym, or the conversation's key.")
    erased_at = models.DateTimeField()

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bot", "subject"], name="one_tombstone_per_subject")
        ]

    def __str__(self) -> str:
        return str(self.subject)


class Import(BotOwned):
    """How far one file was read in, so that the next try goes on from there."""

    source = models.UUIDField(help_text="Made of the file's beginning and size.")
    offset = models.PositiveBigIntegerField(default=0, help_text="Bytes that are stored.")
    lines = models.PositiveBigIntegerField(default=0)
    accepted = models.PositiveBigIntegerField(default=0)
    duplicates = models.PositiveBigIntegerField(default=0)
    erased = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    refused_bytes = models.PositiveBigIntegerField(
        default=0, help_text="Size of the file that says why."
    )
    starting = models.DateTimeField(help_text="From when on what has no time is said to have been.")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bot", "source"], name="one_import_per_bot_and_source")
        ]

    def __str__(self) -> str:
        return str(self.source)
