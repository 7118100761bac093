"""What people differ about, and what became of it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from accounts.scoping import BotOwned, BotOwnedQuerySet
from annotation.models.answers import Annotation
from annotation.models.items import ReviewItem
from ingest.models import of_a_bot

OF_ANSWER = ("intent", "annotator")


class DisputeQuerySet(BotOwnedQuerySet["Dispute"]):
    def open(self) -> Self:
        return self.filter(settled_at=None)

    def settled(self) -> Self:
        return self.filter(settled_at__isnull=False)

    def about(self, intent_id: int) -> Self:
        return self.filter(intents__contains=[intent_id])

    def with_an_answer_of(self, person_id: int) -> Self:
        return self.filter(people__contains=[person_id])

    def longest_first(self) -> Self:
        return self.order_by("since", "pk")

    def last_settled_first(self) -> Self:
        return self.order_by("-settled_at", "-pk")


class Dispute(BotOwned):
    """A turn that waits for a reviewer, why, and how that ended.

    It follows its item and the answers that stand (annotation/disputing.py), and says nothing
    that these do not: lists are read from it.
    """

    class Kind(models.TextChoices):
        DIFFER = "differ", "Different answers"
        MARKS = "marks", "Different marks"
        UNSURE = "unsure", "Unsure"
        AGAIN = "again", "Read again"

    item = models.OneToOneField(
        ReviewItem, models.CASCADE, primary_key=True, related_name="dispute"
    )
    bot = of_a_bot()
    kind = models.CharField(max_length=6, choices=Kind)
    intents = ArrayField(models.BigIntegerField(), default=list, help_text="That were answered.")
    people = ArrayField(models.BigIntegerField(), default=list, help_text="Who answered.")
    sent_back = models.BooleanField(default=False, help_text="People are asked to answer anew.")
    nobody_left = models.BooleanField(
        default=False, help_text="Each reviewer answered or passed it: none is handed it any more."
    )
    since = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        Annotation, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False, sent_back=False),
                name="dispute_is_open_or_settled_by_an_answer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["bot", "since", "item"],
                condition=Q(settled_at=None),
                name="dispute_longest_first",
            ),
            models.Index(
                "bot",
                F("settled_at").desc(),
                F("item").desc(),
                condition=Q(settled_at__isnull=False),
                name="dispute_last_settled_first",
            ),
            GinIndex(fields=["intents"], name="dispute_about_intent"),
            GinIndex(fields=["people"], name="dispute_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class SentBackQuerySet(BotOwnedQuerySet["SentBack"]):
    def standing(self) -> Self:
        return self.filter(undone_at=None)

    def by_person(self, user: User) -> Self:
        return self.filter(by=user)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class SentBack(BotOwned):
    """A reviewer gave a turn back to those who had answered it, with a note. Never edited."""

    bot = of_a_bot()
    # Made by the page: the same form delivered twice is one.
    submission = models.UUIDField(unique=True)
    item = models.ForeignKey(ReviewItem, models.PROTECT, related_name="sent_back")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    note = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    objects = SentBackQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("by", "bot", F("id").desc(), name="sent_back_newest_of_person")]

    def __str__(self) -> str:
        return f"{self.item_id} sent back"


class AskedAnewQuerySet(models.QuerySet["AskedAnew"]):
    def waiting(self) -> Self:
        return self.filter(ended_at=None)


class AskedAnew(models.Model):
    """One of those who are asked to answer a turn anew. It is the next that they get."""

    sent_back = models.ForeignKey(SentBack, models.CASCADE, related_name="asked")
    bot = of_a_bot()
    item = models.ForeignKey(ReviewItem, models.CASCADE, related_name="asked", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)
    # None where nobody answered: it was taken back, decided meanwhile, or they left the bot.
    ended_by = models.ForeignKey(Annotation, models.PROTECT, null=True, related_name="+")

    objects = AskedAnewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "person"],
                condition=Q(ended_at=None),
                name="asked_anew_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "bot"], condition=Q(ended_at=None), name="asked_anew_of_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} about {self.item_id}"


class CorrectionQuerySet(BotOwnedQuerySet["Correction"]):
    def of_person(self, user: User) -> Self:
        return self.filter(person=user)

    def unseen(self) -> Self:
        return self.filter(seen_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def with_both_answers(self) -> Self:
        of_both = [f"{which}__{what}" for which in ("annotation", "decision") for what in OF_ANSWER]
        whole = self.select_related("annotation__item__turn", *of_both)
        return whole.prefetch_related("annotation__spans__type", "decision__spans__type")


class Correction(BotOwned):
    """An answer that is not what a reviewer decided, for whoever gave it."""

    annotation = models.OneToOneField(
        Annotation, models.CASCADE, primary_key=True, related_name="correction"
    )
    bot = of_a_bot()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    decision = models.ForeignKey(Annotation, models.CASCADE, related_name="corrects")
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                "person",
                "bot",
                F("created_at").desc(),
                F("annotation").desc(),
                name="correction_newest_of_person",
            ),
            models.Index(
                fields=["person", "bot"],
                condition=Q(seen_at=None),
                name="correction_unseen_of_person",
            ),
        ]

    def __str__(self) -> str:
        return f"correction of {self.annotation_id}"
