"""The words that people choose from."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.remembering import remembered
from accounts.scoping import BotOwned, BotOwnedQuerySet

LONGEST_NAME = 120  # as Turn.intent
Word = TypeVar("Word", bound=models.Model, covariant=True)


class Colour(models.TextChoices):
    """Names of tokens.css: each has its shades for light and dark."""

    ONE = "series-1", "Indigo"
    TWO = "series-2", "Teal"
    THREE = "series-3", "Amber"
    FOUR = "series-4", "Pink"
    FIVE = "series-5", "Green"
    SIX = "series-6", "Grey"


class WordQuerySet(BotOwnedQuerySet[Word]):
    """What intents and entity types have in common."""

    def in_use(self) -> Self:
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False)

    def comparable(self) -> Self:
        """Say of each, as `compared_name`, what the constraints compare: capitals do not count."""
        return self.annotate(compared_name=Lower("name"))

    def called(self, name: str) -> Self:
        """Those of a name, as the constraints compare it."""
        return self.comparable().filter(compared_name=Lower(Value(name)))

    def matching(self, words: str) -> Self:
        """Those whose name or title holds each of `words`."""
        found = self
        for word in words.split():
            found = found.filter(Q(name__icontains=word) | Q(title__icontains=word))
        return found

    def by_name(self) -> Self:
        return self.order_by(Lower("name"), "pk")


class IntentQuerySet(WordQuerySet["Intent"]):
    def critical(self) -> Self:
        return self.in_use().filter(critical=True)


@remembered("bot", "name", "title", "critical", "colour", "key", "archived_at")
class Intent(BotOwned):
    """One thing that users of a bot want. What is archived stays for the labels that have it."""

    name = models.CharField(max_length=LONGEST_NAME, help_text="As the bot calls it.")
    title = models.CharField(max_length=LONGEST_NAME, blank=True, help_text="As people call it.")
    guideline = models.TextField(blank=True, help_text="Markdown. When to choose it, when not.")
    critical = models.BooleanField(
        default=False, help_text="A new model version must not be worse at it."
    )
    colour = models.CharField(max_length=8, choices=Colour, default=Colour.ONE)
    key = models.CharField(max_length=1, blank=True, help_text="Chooses it on the keyboard.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True)

    objects: ClassVar[IntentQuerySet] = IntentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint("bot", Lower("name"), name="one_intent_per_bot_and_name"),
            models.UniqueConstraint(
                fields=["bot", "key"],
                condition=Q(archived_at=None) & ~Q(key=""),
                name="one_intent_per_bot_and_key",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="intent_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class IntentExample(models.Model):
    """A text that belongs to an intent, or looks as if it did and does not."""

    intent = models.ForeignKey(Intent, models.CASCADE, related_name="examples")
    text = models.CharField(max_length=1000)
    belongs = models.BooleanField(default=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it does not belong.")
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["intent", "text"], name="one_example_per_intent_and_text"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class EntityTypeQuerySet(WordQuerySet["EntityType"]):
    pass


@remembered("bot", "name", "title", "colour", "key", "archived_at")
class EntityType(BotOwned):
    """A kind of detail that is marked inside of a text, such as a city."""

    name = models.CharField(max_length=LONGEST_NAME, help_text="As the bot calls it.")
    title = models.CharField(max_length=LONGEST_NAME, blank=True, help_text="As people call it.")
    guideline = models.TextField(blank=True, help_text="Markdown. What to mark, and what not.")
    colour = models.CharField(max_length=8, choices=Colour, default=Colour.TWO)
    key = models.CharField(max_length=1, blank=True, help_text="Chooses it on the keyboard.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True)

    objects: ClassVar[EntityTypeQuerySet] = EntityTypeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint("bot", Lower("name"), name="one_entity_type_per_bot_and_name"),
            models.UniqueConstraint(
                fields=["bot", "key"],
                condition=Q(archived_at=None) & ~Q(key=""),
                name="one_entity_type_per_bot_and_key",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="entity_type_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
