"""Gold labels as they were at one moment. Texts stay where they are: a row only points to them."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.scoping import BotOwned, BotOwnedQuerySet
from annotation.models import Annotation, GoldLabel, Intent
from ingest.models import Conversation, Text, Turn, of_a_bot

LONGEST_REASON = 500


class Fate(models.IntegerChoices):
    """What becomes of a gold label in a version; all but the first say why it is left out."""

    KEPT = 0, "Kept"
    UNUSABLE = 1, "Not usable"
    NO_TEXT = 2, "Without a text"
    IN_AUDIT = 3, "The audit has this text, or one near it"
    SAME = 4, "The same text with the same label"
    SOURCE = 5, "More than five of one source"
    ALIKE = 6, "Near another text with the same label"
    QUARANTINED = 7, "Its intent grew too fast"


class DatasetVersionQuerySet(BotOwnedQuerySet["DatasetVersion"]):
    def sealed(self) -> Self:
        """Those that are whole: in the database and in Git."""
        return self.filter(sealed_at__isnull=False)

    def unsealed(self) -> Self:
        return self.filter(sealed_at=None)

    def ahead_of_git(self) -> Self:
        """Those of which Git still has what was erased."""
        return self.sealed().filter(erased_count__gt=F("erased_in_git"))

    def newest_first(self) -> Self:
        return self.order_by("-number")


class DatasetVersion(BotOwned):
    """The gold labels of a bot at one moment, numbered from 1 and never edited afterwards.

    It is made in three steps, each of which may be the last before a kill: rows are copied in;
    `frozen_at` says that these are all; `sealed_at` that Git has them too. Only then is it used.
    """

    bot = of_a_bot()
    number = models.PositiveIntegerField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    before = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The version that it was compared with when it was frozen.",
    )
    frozen_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField(null=True)
    train_count = models.PositiveIntegerField(default=0)
    audit_count = models.PositiveIntegerField(default=0)
    left_out_count = models.PositiveIntegerField(default=0)
    clash_count = models.PositiveIntegerField(
        default=0, help_text="Texts that have two different labels."
    )
    busiest = models.JSONField(
        default=list, help_text="[[person, training rows]], most first: over a fifth of them all."
    )
    entity_types = models.JSONField(
        default=dict, help_text="{key: name}: how entity types were called then."
    )
    manifest = models.JSONField(default=dict, help_text="As it stands in Git.")
    content_hash = models.CharField(
        max_length=64, default="", help_text="SHA-256 of all files; the same for the same content."
    )
    tree = models.CharField(max_length=40, default="")
    commit = models.CharField(max_length=40, default="")
    tag = models.CharField(max_length=120, default="")
    erased_count = models.PositiveIntegerField(
        default=0, help_text="Rows that went with conversations that were deleted since."
    )

    erased_in_git = models.PositiveIntegerField(
        default=0, help_text="So many of these are gone from Git too."
    )

    objects = DatasetVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot", "number"], name="one_dataset_per_bot_and_number"
            ),
            # One at a time: whoever comes second goes on with it, or waits.
            models.UniqueConstraint(
                fields=["bot"],
                condition=Q(sealed_at=None),
                name="one_dataset_in_the_making_per_bot",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="dataset_is_numbered_from_1"),
            models.CheckConstraint(
                condition=Q(sealed_at=None)
                | (Q(frozen_at__isnull=False) & ~Q(commit="") & ~Q(tree="") & ~Q(content_hash="")),
                name="sealed_dataset_is_in_git",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def label_count(self) -> int:
        return self.train_count + self.audit_count + self.left_out_count


class DatasetIntent(models.Model):
    """An intent as it was called in one version, or what stands in the place of one.

    `place` counts them in the order of their names. Only `lifted_…` is ever written later.
    """

    version = models.ForeignKey(DatasetVersion, models.CASCADE, related_name="intents")
    place = models.PositiveIntegerField()
    verdict = models.CharField(max_length=8, choices=Annotation.Verdict)
    intent = models.ForeignKey(Intent, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=120, default="", help_text="Empty if it is no intent.")
    first_row = models.PositiveIntegerField(help_text="Place of its first row.")
    last_row = models.PositiveIntegerField()
    train_count = models.PositiveIntegerField(default=0)
    audit_count = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=dict, help_text="{fate: rows}.")
    expected = models.FloatField(
        null=True, help_text="Training rows that the growth of the others lets expect, at most."
    )
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(max_length=LONGEST_REASON, default="", blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "place"], name="one_dataset_intent_per_version_and_place"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None) | (Q(expected__isnull=False) & ~Q(lift_reason="")),
                name="only_a_quarantine_is_lifted_and_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.get_verdict_display()

    @property
    def left_out_count(self) -> int:
        return sum(self.left_out.values())

    @property
    def quarantined_count(self) -> int:
        return int(self.left_out.get(str(Fate.QUARANTINED.value), 0))


class DatasetRow(models.Model):
    """A gold label in a version. Its text is the turn's, so that who is erased is gone here too.

    No foreign key has a constraint: to check them would take longer than all else, and nothing
    that they point to goes without training/leaving.py.
    """

    pk = models.CompositePrimaryKey("version_id", "place")
    version = models.ForeignKey(
        DatasetVersion, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    place = models.PositiveIntegerField(
        help_text="By intent, side, fate, text. Gaps are of rows that are gone."
    )
    dataset_intent = models.ForeignKey(
        DatasetIntent, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    gold_label = models.ForeignKey(
        GoldLabel, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    turn = models.ForeignKey(
        Turn, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    text = models.ForeignKey(
        Text, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    side = models.CharField(max_length=5, choices=Conversation.Side)
    fate = models.PositiveSmallIntegerField(choices=Fate)
    clashes = models.BooleanField(help_text="The same text has another label too.")
    opinions = models.JSONField(
        null=True, help_text="[{verdict, intent}]: what others said of the same turn."
    )

    class Meta:
        indexes = [
            # What is deleted is looked up by its turn.
            models.Index(fields=["turn"], name="dataset_row_of_turn"),
            models.Index(
                fields=["version", "text", "place"],
                condition=Q(clashes=True),
                name="dataset_row_clashes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} of {self.version_id}"
