"""What waits for a person."""

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
from ingest.models import Conversation, Text, Turn, of_a_bot


class ReviewItemQuerySet(BotOwnedQuerySet["ReviewItem"]):
    """Reads of the review queue. Every filter that has a name lives here."""

    def open(self) -> Self:
        return self.filter(status=ReviewItem.Status.OPEN)

    def free(self) -> Self:
        """Open items that nobody holds. The sweeper takes back what ran out."""
        return self.open().filter(holder=None)

    def held_by(self, user: User) -> Self:
        return self.open().filter(holder=user)

    def listed(self) -> Self:
        """The same as open items, in the words of the indexes that a page is read by."""
        return self.filter(ended_at=None)

    def most_useful_first(self) -> Self:
        return self.order_by("-priority", "pk")


class ReviewItem(BotOwned):
    """One turn that waits for a person, and the turns of the same text that it stands for.

    The guess is copied in when the item is queued: what the annotator saw stays on record,
    whichever model version is live by the time they answer.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Waiting"
        DONE = "done", "Answered"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Lane(models.TextChoices):
        SELECTION = "selection", "Selection"
        NOVELTY = "novelty", "New topics"
        AUDIT = "audit", "Audit"
        SECOND = "second", "Second opinion"
        REVIEWER = "reviewer", "For a reviewer"
        RETURNED = "returned", "Sent back"

    bot = of_a_bot()
    turn = models.OneToOneField(Turn, models.PROTECT, related_name="review_item")
    # The turn's own: an index and a constraint here would cost each hold, and tell nothing new.
    conversation = models.ForeignKey(
        Conversation, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    text = models.ForeignKey(Text, models.PROTECT, null=True, related_name="+")
    text_group = models.UUIDField(
        null=True, help_text="The text that stands for its near-duplicates, or its own."
    )
    at = models.DateTimeField(help_text="When the turn was said.")
    lane = models.CharField(max_length=9, choices=Lane)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    priority = models.FloatField(help_text="The highest is handed out first.")
    weight = models.FloatField(default=0, help_text="Of the turn's signals together.")
    kinds = ArrayField(models.CharField(max_length=20), default=list, help_text="Of signals.")
    reasons = models.JSONField(default=list, help_text="Sentences: why this one.")
    guesses = models.JSONField(default=list, help_text="[{intent, confidence}], best first, 5.")
    guess = models.CharField(max_length=120, default="", help_text="The best of the guesses.")
    confidence = models.FloatField(null=True)
    margin = models.FloatField(null=True, help_text="Best minus second-best, 0 to 1.")
    model_version = models.CharField(max_length=120, default="")
    guess_hidden = models.BooleanField(default=False, help_text="Drawn when it was queued.")
    neighbours = models.JSONField(
        default=list,
        help_text="[{text, verdict, intent}], keys alone: the most alike that are labelled, 3.",
    )
    neighbours_of = models.BigIntegerField(
        default=0, help_text="The newest gold label that they were chosen with."
    )
    alike_count = models.PositiveIntegerField(default=0, help_text="Other turns it stands for.")
    policy = models.CharField(max_length=20, help_text="How it was chosen.")
    chance = models.FloatField(null=True, help_text="Its inclusion probability, where known.")
    answers_wanted = models.PositiveSmallIntegerField(default=1)
    # Who answered it, or skipped it, does not get it again.
    not_for = ArrayField(models.BigIntegerField(), default=list)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    held_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = ReviewItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(holder=None, held_until=None)
                | Q(holder__isnull=False, held_until__isnull=False, status="open"),
                name="review_item_is_held_while_open_and_until_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status="open", ended_at=None)
                | (~Q(status="open") & Q(ended_at__isnull=False)),
                name="review_item_is_open_or_ended_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(margin=None) | Q(margin__gte=0, margin__lte=1),
                name="review_margin_in_0_1",
            ),
            models.CheckConstraint(
                condition=Q(chance=None) | Q(chance__gt=0, chance__lte=1),
                name="review_chance_in_0_1",
            ),
        ]
        indexes = [
            # What is handed out. Items that somebody holds, or that are for somebody, leave it:
            # nobody has to pass by them.
            models.Index(
                "bot",
                "lane",
                F("priority").desc(),
                "id",
                condition=Q(status="open", holder=None, assigned_to=None),
                name="review_next_of_lane",
            ),
            models.Index(
                "assigned_to",
                "bot",
                F("priority").desc(),
                "id",
                condition=Q(status="open", assigned_to__isnull=False),
                name="review_next_of_person",
            ),
            # What the page lists, held or not. In other words, so that nobody who is handed out
            # items is led by these past all that others hold or were given.
            models.Index(
                "bot",
                F("priority").desc(),
                "id",
                condition=Q(ended_at=None),
                name="review_open_by_priority",
            ),
            models.Index(
                "bot",
                "lane",
                F("priority").desc(),
                "id",
                condition=Q(ended_at=None),
                name="review_open_of_lane",
            ),
            models.Index(
                fields=["bot", "guess"], condition=Q(status="open"), name="review_open_of_guess"
            ),
            GinIndex(fields=["kinds"], condition=Q(status="open"), name="review_open_of_kind"),
            models.Index(fields=["holder"], condition=Q(holder__isnull=False), name="review_held"),
            # What the next picks replace: there are a few hundred of them.
            models.Index(
                fields=["bot", "policy"],
                condition=Q(status="open") & ~Q(policy__in=["signals", "audit"]),
                name="review_open_picked",
            ),
            # Where a turn that is alike finds company. In the audit turns count one by one.
            models.Index(
                fields=["bot", "text_group"],
                condition=Q(status="open") & ~Q(policy="audit"),
                name="review_open_of_group",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lane} {self.pk}"


class ItemTurn(models.Model):
    """One of the other turns that an item stands for: the same text, or nearly."""

    turn = models.OneToOneField(Turn, models.PROTECT, primary_key=True, related_name="+")
    item = models.ForeignKey(ReviewItem, models.CASCADE, related_name="alike")
    exact = models.BooleanField(help_text="The same normalised text, not just a near one.")

    def __str__(self) -> str:
        return f"{self.turn_id} beside {self.item_id}"


class QueueDue(BotOwned):
    """A conversation in which something happened that the queue has not heard of yet."""

    conversation = models.OneToOneField(
        Conversation, models.CASCADE, primary_key=True, related_name="+"
    )
    bot = of_a_bot()
    since = models.DateTimeField(default=timezone.now)

    objects = BotOwnedQuerySet["QueueDue"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["bot", "since", "conversation"], name="queue_due_oldest_first")
        ]

    def __str__(self) -> str:
        return str(self.pk)
