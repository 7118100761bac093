"""Groups of alike turns that wait, and what was said of a whole group."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Bot
from accounts.scoping import BotOwned, BotOwnedQuerySet
from annotation.models.answers import Annotation
from annotation.models.intents import Intent
from annotation.models.items import ReviewItem
from ingest.models import of_a_bot


class Grouping(models.Model):
    """When the open items of a bot were grouped last."""

    bot = models.OneToOneField(Bot, models.PROTECT, primary_key=True, related_name="+")
    made_at = models.DateTimeField()
    items = models.PositiveIntegerField(help_text="How many were looked at.")
    waiting = models.PositiveIntegerField(
        default=0, help_text="How many have come, or were peeled off, since."
    )

    def __str__(self) -> str:
        return f"groups of {self.bot_id}"


class TurnGroupQuerySet(BotOwnedQuerySet["TurnGroup"]):
    def biggest_first(self) -> Self:
        return self.filter(size__gte=TurnGroup.LEAST).order_by("-size", "pk")


class TurnGroup(BotOwned):
    """Open items whose turns are alike. It keeps its number while most of its items stay."""

    LEAST = 2

    bot = of_a_bot()
    size = models.PositiveIntegerField(help_text="Items that wait, when last counted.")
    outliers = models.PositiveIntegerField(help_text="How many lie apart from the others.")
    guess = models.CharField(max_length=120, default="", help_text="What most are guessed to be.")
    near = models.ForeignKey(
        Intent,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        help_text="What most lie nearest to, of what is labelled.",
    )

    objects = TurnGroupQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                "bot",
                F("size").desc(),
                "id",
                condition=Q(size__gte=2),
                name="turn_group_biggest_first",
            )
        ]

    def __str__(self) -> str:
        return f"{self.size} turns alike"


class GroupAnswer(BotOwned):
    """What one person said of a group at once. Each item has an Annotation that points here."""

    bot = of_a_bot()
    submission = models.UUIDField(unique=True, help_text="The form's own, so that it counts once.")
    # Groups are made anew and go; this stays.
    group_number = models.BigIntegerField()
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    verdict = models.CharField(max_length=8, choices=Annotation.Verdict)
    intent = models.ForeignKey(Intent, models.PROTECT, null=True, related_name="+", db_index=False)
    answered = models.PositiveIntegerField(help_text="Items that were answered by it.")
    left_out = models.JSONField(default=dict, help_text="How many were not, by why.")
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    objects = BotOwnedQuerySet["GroupAnswer"].as_manager()

    def __str__(self) -> str:
        return f"{self.verdict} for {self.answered}"


class GroupedItem(BotOwned):
    """Where an open item stands in the newest grouping."""

    bot = of_a_bot()
    # Items are folded and deleted by the hundred, by hand; who reads this asks for open items.
    item = models.OneToOneField(
        ReviewItem, models.DO_NOTHING, primary_key=True, related_name="grouped", db_constraint=False
    )
    group = models.ForeignKey(
        TurnGroup, models.CASCADE, null=True, related_name="members", db_index=False
    )
    place = models.PositiveIntegerField(help_text="In its group: outliers first.")
    likeness = models.FloatField(help_text="To the middle of the others, -1 to 1.")
    why_apart = models.JSONField(
        default=dict, help_text="{far, intent, guess}: why it may not belong; empty if it does."
    )
    peeled_in = models.ForeignKey(
        GroupAnswer, models.SET_NULL, null=True, related_name="peeled", db_index=False
    )

    objects = BotOwnedQuerySet["GroupedItem"].as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["group", "place"],
                condition=Q(group__isnull=False),
                name="grouped_items_in_order",
            ),
            models.Index(
                fields=["peeled_in"],
                condition=Q(peeled_in__isnull=False),
                name="grouped_items_peeled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} in {self.group_id}"
