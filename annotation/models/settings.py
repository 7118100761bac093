"""How a bot's queue is filled and handed out."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.models import Bot
from accounts.scoping import BotOwned, BotOwnedQuerySet
from annotation.models.intents import Intent
from ingest.models import of_a_bot

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


class ReviewSettings(models.Model):
    """How the queue of one bot is filled and handed out. A bot without a row has the defaults."""

    bot = models.OneToOneField(
        Bot, models.PROTECT, primary_key=True, related_name="review_settings"
    )
    # What is left of a hundred is drawn from the selection lane.
    novelty_percent = models.FloatField(default=7.5, validators=PERCENT)
    audit_percent = models.FloatField(default=7.5, validators=PERCENT)
    second_opinion_percent = models.FloatField(
        default=5.0, validators=PERCENT, help_text="Share of items that two people answer."
    )
    hidden_percent = models.FloatField(
        default=10.0, validators=PERCENT, help_text="Share of items whose guess is not shown."
    )
    least_weight = models.FloatField(
        default=0.2,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
        help_text="Turns whose signals weigh less together are not queued.",
    )
    random_stock = models.PositiveIntegerField(
        default=200,
        validators=[MaxValueValidator(100_000)],
        help_text="Open items drawn at random, while no model version chooses.",
    )
    question_percent = models.FloatField(
        default=0.0,
        validators=[MinValueValidator(0), MaxValueValidator(50)],
        help_text="Share of turns that are known already, asked to see how somebody answers.",
    )
    pause_below = models.FloatField(
        default=0.0,
        validators=PERCENT,
        help_text="Percent of known turns that must be right; 0 pauses nobody.",
    )
    daily_goal = models.PositiveIntegerField(
        default=100, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    novelty_percent__gte=0,
                    audit_percent__gte=0,
                    novelty_percent__lte=100 - models.F("audit_percent"),
                ),
                name="lanes_share_a_hundred_percent",
            )
        ]

    def __str__(self) -> str:
        return f"review of {self.bot_id}"


class SecondOpinionShare(BotOwned):
    """Of turns that the bot takes for an intent so many get a second opinion, whatever else."""

    bot = of_a_bot()
    intent = models.OneToOneField(
        Intent, models.PROTECT, primary_key=True, related_name="second_opinion_share"
    )
    percent = models.FloatField(validators=PERCENT)

    objects = BotOwnedQuerySet["SecondOpinionShare"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=100),
                name="second_opinion_share_in_0_100",
            )
        ]
        indexes = [models.Index(fields=["bot"], name="second_opinion_share_of_bot")]

    def __str__(self) -> str:
        return f"{self.percent} of {self.intent_id}"
