"""What people answered. Rows are added, never edited; undoing says when."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from accounts.remembering import remembered
from accounts.scoping import BotOwned, BotOwnedQuerySet
from annotation.models.changes import IntentChange
from annotation.models.intents import EntityType, Intent
from annotation.models.items import ReviewItem
from ingest.models import Text, Turn, of_a_bot


class AnnotationQuerySet(BotOwnedQuerySet["Annotation"]):
    def standing(self) -> Self:
        """What people hold to: not taken back, and not answered anew since."""
        return self.filter(undone_at=None, superseded_at=None)

    def opinions(self) -> Self:
        """Those that say something of the turn."""
        return self.standing().exclude(verdict=Annotation.Verdict.SKIP)

    def by(self, user: User) -> Self:
        return self.filter(annotator=user)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


@remembered(
    *("bot", "item", "annotator", "lane", "verdict", "intent", "for_alike", "guess_shown"),
    *("created_at", "undone_at"),
)
class Annotation(BotOwned):
    """One person's answer to one item."""

    class Verdict(models.TextChoices):
        INTENT = "intent", "An intent"
        OUT_OF_SCOPE = "oos", "Out of scope"
        UNUSABLE = "unusable", "Not usable"
        UNSURE = "unsure", "Unsure"
        SKIP = "skip", "Skipped"

    bot = of_a_bot()
    # Made by the page: the same form delivered twice is one answer.
    submission = models.UUIDField(unique=True)
    item = models.ForeignKey(ReviewItem, models.PROTECT, related_name="annotations")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    lane = models.CharField(
        max_length=9,
        choices=ReviewItem.Lane,
        default=ReviewItem.Lane.SELECTION,
        help_text="Where the item waited.",
    )
    verdict = models.CharField(max_length=8, choices=Verdict)
    intent = models.ForeignKey(Intent, models.PROTECT, null=True, related_name="annotations")
    better_answer = models.TextField(default="")
    note = models.TextField(default="")
    for_alike = models.BooleanField(default=False, help_text="The same for the turns alike.")
    guess_shown = models.BooleanField()
    seconds = models.FloatField(null=True, help_text="From when it was shown to the answer.")
    together = models.ForeignKey(
        "annotation.GroupAnswer",
        models.PROTECT,
        null=True,
        related_name="annotations",
        db_index=False,
        help_text="The answer to a whole group that it was given in.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(
        null=True, help_text="When the same person answered anew, as they were asked to."
    )
    accepts = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="The answer that a reviewer made their own.",
    )

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="intent", intent__isnull=False)
                | (~Q(verdict="intent") & Q(intent=None)),
                name="annotation_names_an_intent_or_says_why_none",
            ),
            models.UniqueConstraint(
                fields=["item", "annotator"],
                condition=Q(undone_at=None, superseded_at=None) & ~Q(verdict="skip"),
                name="one_standing_answer_per_person_and_item",
            ),
        ]
        indexes = [
            models.Index("annotator", "bot", F("id").desc(), name="annotation_newest_of_person"),
            models.Index(
                fields=["bot", "created_at"],
                condition=Q(undone_at=None),
                name="annotation_of_bot_by_time",
            ),
            models.Index(
                fields=["together"],
                condition=Q(together__isnull=False),
                name="annotation_given_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} for {self.item_id}"


class EntitySpan(models.Model):
    """A marked part of the turn's text, in code points; `end` is excluded."""

    annotation = models.ForeignKey(Annotation, models.CASCADE, related_name="spans")
    type = models.ForeignKey(EntityType, models.PROTECT, related_name="+")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["start", "end", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=F("start")), name="entity_span_is_not_empty"
            ),
            models.UniqueConstraint(
                fields=["annotation", "start", "end", "type"], name="one_span_per_place_and_type"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start}–{self.end}"


class GoldLabelQuerySet(BotOwnedQuerySet["GoldLabel"]):
    def current(self) -> Self:
        return self.filter(withdrawn_at=None)

    def usable(self) -> Self:
        """Current ones that say what a turn means: an intent, or that it has none."""
        return self.current().exclude(verdict=Annotation.Verdict.UNUSABLE)


@remembered(
    *("bot", "turn", "annotation", "verdict", "intent", "side", "policy", "chance"),
    *("by_likeness", "created_at", "withdrawn_at", "replaced_by"),
)
class GoldLabel(BotOwned):
    """What a turn means, as accepted. A turn has one that is current; older ones stay."""

    bot = of_a_bot()
    turn = models.ForeignKey(Turn, models.PROTECT, related_name="gold_labels")
    # The turn's own. Whether a text is known by now is asked for each turn that comes in.
    text = models.ForeignKey(
        Text, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    annotation = models.ForeignKey(Annotation, models.PROTECT, related_name="gold_labels")
    verdict = models.CharField(max_length=8, choices=Annotation.Verdict)
    intent = models.ForeignKey(Intent, models.PROTECT, null=True, related_name="gold_labels")
    side = models.CharField(max_length=5, help_text="Of its conversation: train or audit.")
    policy = models.CharField(max_length=20)
    chance = models.FloatField(null=True, help_text="Inclusion probability, where known.")
    guess_shown = models.BooleanField()
    seconds = models.FloatField(null=True)
    by_likeness = models.BooleanField(
        default=False, help_text="Given to a turn alike to the one that was on screen."
    )
    change = models.ForeignKey(
        IntentChange,
        models.PROTECT,
        null=True,
        related_name="gold_labels",
        db_index=False,
        help_text="Made by this change of intents of an older one. Nobody answered it anew.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="replaced", db_index=False
    )

    objects = GoldLabelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["turn"],
                condition=Q(withdrawn_at=None),
                name="one_current_gold_label_per_turn",
            ),
            models.CheckConstraint(
                condition=Q(verdict="intent", intent__isnull=False)
                | (Q(verdict__in=["oos", "unusable"]) & Q(intent=None)),
                name="gold_label_says_what_a_turn_means",
            ),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(withdrawn_at__isnull=False),
                name="gold_label_that_was_replaced_is_withdrawn",
            ),
        ]
        indexes = [
            models.Index(
                fields=["bot", "intent"],
                condition=Q(withdrawn_at=None),
                name="gold_of_bot_by_intent",
            ),
            models.Index(
                fields=["text"], condition=Q(withdrawn_at=None), name="gold_current_of_text"
            ),
            models.Index("bot", F("id").desc(), name="gold_newest_of_bot"),
            models.Index(
                fields=["replaced_by"],
                condition=Q(replaced_by__isnull=False),
                name="gold_that_was_replaced",
            ),
            models.Index(
                fields=["change"],
                condition=Q(change__isnull=False),
                name="gold_of_change",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} of {self.turn_id}"
