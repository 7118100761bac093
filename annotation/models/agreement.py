"""Pairs of answers to the same item, and their sums: how far people agree is read from these.

They are made of the answers by a job (annotation/comparing.py). Triggers note the items of which
answers came, changed or went, whoever wrote them.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from accounts.scoping import BotOwned, BotOwnedQuerySet
from annotation.models.intents import EntityType
from ingest.models import of_a_bot

# What was said, as one number: the key of an intent, or one of these.
OUT_OF_SCOPE, UNUSABLE = 0, -1


def _person() -> models.ForeignKey:  # type: ignore[type-arg]  # only when checked
    """Counts of a person say nothing new of them: each is stored without looking them up."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )


class ComparisonDue(BotOwned):
    """An item whose answers have to be compared again. Rows are only added, so nobody waits."""

    bot = of_a_bot()
    item_id = models.BigIntegerField()

    objects = BotOwnedQuerySet["ComparisonDue"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["bot", "id"], name="comparison_due_oldest_first")]

    def __str__(self) -> str:
        return str(self.item_id)


class Comparison(BotOwned):
    """What two people said of one item, neither knowing of the other's answer."""

    bot = of_a_bot()
    item_id = models.BigIntegerField()
    week = models.DateField(help_text="Monday of when the later of the two was given, in UTC.")
    answers = models.PositiveSmallIntegerField(help_text="That can be compared, to this item.")
    one = _person()
    other = _person()
    one_meaning = models.BigIntegerField()
    other_meaning = models.BigIntegerField()
    spans = models.JSONField(
        default=list, help_text="[type, of the one, of the other, exact, overlapping]"
    )

    objects = BotOwnedQuerySet["Comparison"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item_id", "one", "other"], name="one_comparison_per_item_and_pair"
            )
        ]

    def __str__(self) -> str:
        return f"{self.one_id} and {self.other_id} of {self.item_id}"


class PersonCount(BotOwned):
    """How often somebody said something in comparisons of a week, and how often others did."""

    bot = of_a_bot()
    week = models.DateField()
    person = _person()
    meaning = models.BigIntegerField()
    answers = models.PositiveSmallIntegerField(help_text="As of the comparisons.")
    mine = models.IntegerField(help_text="They said it.")
    others = models.IntegerField(help_text="Who they are compared with said it.")
    both = models.IntegerField()

    objects = BotOwnedQuerySet["PersonCount"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot", "week", "person", "meaning", "answers"],
                name="one_count_per_week_person_and_meaning",
            )
        ]
        indexes = [models.Index(fields=["bot", "person", "week"], name="person_count_by_week")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.week}"


class DisputeCount(BotOwned):
    """In how many comparisons of a week one said the one thing and the other the other."""

    bot = of_a_bot()
    week = models.DateField()
    low = models.BigIntegerField(help_text="The lower of two meanings.")
    high = models.BigIntegerField()
    pairs = models.IntegerField()

    objects = BotOwnedQuerySet["DisputeCount"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot", "week", "low", "high"], name="one_count_per_week_and_dispute"
            )
        ]

    def __str__(self) -> str:
        return f"{self.low} or {self.high} in {self.week}"


class SpanCount(BotOwned):
    """How far the spans of a type that somebody marked are those that others marked."""

    bot = of_a_bot()
    week = models.DateField()
    person = _person()
    type = models.ForeignKey(
        EntityType, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    pairs = models.IntegerField(help_text="Comparisons in which one of the two marked some.")
    mine = models.IntegerField(help_text="Spans that they marked.")
    others = models.IntegerField(help_text="Spans of who they are compared with.")
    exact = models.IntegerField()
    overlapping = models.IntegerField()

    objects = BotOwnedQuerySet["SpanCount"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot", "week", "person", "type"], name="one_count_per_week_person_and_type"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.week}"
