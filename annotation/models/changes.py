"""How the words that people choose from were changed, and what undoing that needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.scoping import BotOwned, BotOwnedQuerySet
from annotation.models.intents import LONGEST_NAME, Intent
from annotation.models.items import ReviewItem
from jobs.models import Job

UNDONE_WITHIN = timedelta(days=30)


class IntentChangeQuerySet(BotOwnedQuerySet["IntentChange"]):
    def under_way(self) -> Self:
        return self.filter(state__in=IntentChange.UNDER_WAY)

    def standing(self) -> Self:
        """Those that were begun, and were not undone."""
        return self.filter(state__in=[*IntentChange.UNDER_WAY, IntentChange.State.DONE])

    def about(self, *intents: Intent) -> Self:
        return self.filter(Q(intent__in=intents) | Q(into__in=intents))

    def begun(self) -> Self:
        return self.exclude(state=IntentChange.State.DRAFT)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class IntentChange(BotOwned):
    """A rename, merge or split: what was wanted, how far it is, and what stood before.

    What was wanted never changes once it is begun. A split is a draft while labels are picked.
    """

    class Kind(models.TextChoices):
        RENAME = "rename", "Rename"
        MERGE = "merge", "Merge"
        SPLIT = "split", "Split"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        WORKING = "working", "At work"
        DONE = "done", "Done"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    UNDER_WAY = (State.WORKING, State.UNDOING)

    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=7, choices=State)
    intent = models.ForeignKey(
        Intent, models.PROTECT, related_name="changes", help_text="Renamed, merged away or split."
    )
    into = models.ForeignKey(
        Intent, models.PROTECT, null=True, related_name="+", help_text="Where labels go."
    )
    old_name = models.CharField(max_length=LONGEST_NAME)
    new_name = models.CharField(max_length=LONGEST_NAME)
    ask_again = models.BooleanField(
        default=False, help_text="Of a split: what stays is asked once more."
    )
    moved = models.PositiveIntegerField(default=0, help_text="Gold labels.")
    asked = models.PositiveIntegerField(default=0, help_text="Items that wait again.")
    before = models.JSONField(default=dict, help_text="What undoing puts back.")
    told = models.JSONField(default=list, help_text="Sentences: what undoing left as it was.")
    job = models.ForeignKey(
        Job, models.PROTECT, null=True, related_name="+", help_text="The last one, if it took one."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    began_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)

    objects = IntentChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            # Whoever comes second is told so, and waits.
            models.UniqueConstraint(
                fields=["bot"],
                condition=Q(state__in=["working", "undoing"]),
                name="one_change_of_intents_under_way_per_bot",
            ),
            models.CheckConstraint(
                condition=Q(into=None) | ~Q(into=F("intent")), name="intent_changes_into_another"
            ),
            models.CheckConstraint(
                condition=Q(kind="rename", into=None) | ~Q(kind="rename"),
                name="rename_changes_one_intent",
            ),
        ]
        indexes = [models.Index("bot", F("id").desc(), name="intent_change_newest_of_bot")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.old_name}"

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY

    @property
    def is_at_work(self) -> bool:
        """Whether a job is at it, or will be."""
        return self.is_under_way and self.job is not None and self.job.is_live

    @property
    def was_stopped(self) -> bool:
        """Whether it stands still half way: its job failed, or somebody cancelled it."""
        return self.is_under_way and not self.is_at_work

    @property
    def can_be_undone(self) -> bool:
        """Whether its time is not over yet. What else is in the way is said when it is tried."""
        return timezone.now() <= self.undone_until

    @property
    def undone_until(self) -> datetime:
        return (self.began_at or self.created_at) + UNDONE_WITHIN


class IntentAlias(BotOwned):
    """Another name of an intent: its own from before, or that of one that was merged into it.

    Bots and model versions go on answering it for a while.
    """

    name = models.CharField(max_length=LONGEST_NAME)
    intent = models.ForeignKey(Intent, models.CASCADE, related_name="aliases")
    merged = models.OneToOneField(
        Intent, models.CASCADE, null=True, related_name="merged_as", help_text="Whose name it was."
    )
    change = models.ForeignKey(IntentChange, models.CASCADE, null=True, related_name="aliases")

    objects = BotOwnedQuerySet["IntentAlias"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("bot", Lower("name"), name="one_intent_per_bot_and_old_name")
        ]

    def __str__(self) -> str:
        return self.name


class SplitPick(models.Model):
    """A gold label that somebody picked to go to the new intent of a split."""

    change = models.ForeignKey(IntentChange, models.CASCADE, related_name="picks", db_index=False)
    # What is erased is passed over.
    gold_label = models.ForeignKey(
        "annotation.GoldLabel",
        models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["change", "gold_label"], name="one_pick_per_split_and_label"
            )
        ]

    def __str__(self) -> str:
        return f"{self.gold_label_id} for {self.change_id}"


class AskedAgain(models.Model):
    """An item that waits again because of a split, and how it stood before."""

    change = models.ForeignKey(
        IntentChange, models.CASCADE, related_name="asked_again", db_index=False
    )
    item = models.ForeignKey(ReviewItem, models.CASCADE, related_name="+")
    before = models.JSONField(help_text="What undoing puts back.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "item"], name="one_asking_per_split_and_item")
        ]

    def __str__(self) -> str:
        return f"{self.item_id} for {self.change_id}"
