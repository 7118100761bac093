"""Turns whose meaning is known, asked again to see how somebody answers; and who is paused."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Random
from django.utils import timezone

from accounts.models import User
from accounts.scoping import BotOwned, BotOwnedQuerySet
from annotation.models.answers import Annotation
from annotation.models.intents import Intent
from annotation.models.items import ReviewItem
from ingest.models import Turn, of_a_bot


class KnownTurnQuerySet(BotOwnedQuerySet["KnownTurn"]):
    def asked(self) -> Self:
        return self.exclude(source=KnownTurn.Source.BARRED)


class KnownTurn(BotOwned):
    """A turn whose gold label is sure enough to ask others about it. It leaves with its turn."""

    class Source(models.TextChoices):
        MARKED = "marked", "Marked"
        AGREED = "agreed", "Two agreed"
        BARRED = "barred", "Never asked"

    turn = models.OneToOneField(
        Turn, models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )
    bot = of_a_bot()
    source = models.CharField(max_length=6, choices=Source)
    place = models.FloatField(
        db_default=Random(), help_text="From 0 to 1: questions are taken behind a drawn one."
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = KnownTurnQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["bot", "place"], condition=~Q(source="barred"), name="known_turn_by_place"
            ),
            models.Index(
                "bot", "source", F("created_at").desc(), "turn", name="known_turn_newest_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.turn_id}"


class GoldQuestionQuerySet(BotOwnedQuerySet["GoldQuestion"]):
    def to(self, user: User) -> Self:
        return self.filter(person=user)

    def open(self) -> Self:
        return self.filter(answered_at=None)

    def counted(self) -> Self:
        """Those that were right or wrong."""
        return self.filter(right__isnull=False)

    def newest_first(self) -> Self:
        return self.order_by("-answered_at", "-pk")


class GoldQuestion(BotOwned):
    """A known turn that somebody is asked about as if it waited. No Annotation is made of it."""

    bot = of_a_bot()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    item = models.ForeignKey(ReviewItem, models.PROTECT, related_name="+")
    known_verdict = models.CharField(max_length=8, choices=Annotation.Verdict)
    known_intent = models.ForeignKey(
        Intent, models.PROTECT, null=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField(default=timezone.now)
    held_until = models.DateTimeField()
    submission = models.UUIDField(null=True)
    verdict = models.CharField(max_length=8, choices=Annotation.Verdict, default="", blank=True)
    intent = models.ForeignKey(Intent, models.PROTECT, null=True, related_name="+", db_index=False)
    better_answer = models.TextField(default="")
    note = models.TextField(default="")
    seconds = models.FloatField(null=True)
    answered_at = models.DateTimeField(null=True)
    right = models.BooleanField(
        null=True, help_text="Not said of what was skipped, or where nothing is known any more."
    )

    objects = GoldQuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "item"], name="one_question_per_person_and_item"
            ),
            models.UniqueConstraint(
                fields=["person", "bot"],
                condition=Q(answered_at=None),
                name="one_open_question_per_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["bot", "answered_at"],
                condition=Q(answered_at__isnull=False),
                name="question_of_bot_by_time",
            ),
            models.Index(
                "person",
                "bot",
                F("answered_at").desc(),
                condition=Q(answered_at__isnull=False),
                name="question_newest_of_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} to {self.person_id}"


class ReviewPauseQuerySet(BotOwnedQuerySet["ReviewPause"]):
    def of_person(self, user: User) -> Self:
        return self.filter(person=user)

    def holding(self) -> Self:
        return self.filter(lifted_at=None)


class ReviewPause(BotOwned):
    """Somebody gets no turns, because too few known ones were right, until a reviewer says so."""

    bot = of_a_bot()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    since = models.DateTimeField(default=timezone.now)
    right = models.PositiveIntegerField()
    asked = models.PositiveIntegerField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = ReviewPauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "bot"], condition=Q(lifted_at=None), name="one_pause_per_person"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="review_pause_is_lifted_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["person", "bot", "lifted_at"], name="pause_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} since {self.since}"
