"""How a bot's queue is filled and handed out."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.models import Bot

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
