"""What was found of conversations. It can be found again at any time."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from accounts.scoping import BotOwned
from ingest.models.conversations import Conversation, Turn
from ingest.models.intake import of_a_bot


class Signal(BotOwned):
    """A reason to look at a turn. Found anew whenever its conversation changes."""

    class Kind(models.TextChoices):
        THUMBS_DOWN = "thumbs_down", "Thumbs down"
        LOW_RATING = "low_rating", "Low rating"
        REPORT = "report", "Reported"
        ESCALATION = "escalation", "Escalated"
        ABANDONMENT = "abandonment", "Abandoned"
        REPETITION = "repetition", "Repeated"
        LOW_CONFIDENCE = "low_confidence", "Low confidence"
        SMALL_MARGIN = "small_margin", "Small margin"
        BOT_ERROR = "bot_error", "Bot error"
        SLOW_ANSWER = "slow_answer", "Slow answer"

    bot = of_a_bot()
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    turn = models.ForeignKey(Turn, models.CASCADE, related_name="signals", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    weight = models.FloatField()
    at = models.DateTimeField(help_text="When the turn was.")
    sentence = models.CharField(max_length=300, help_text="Why, for people.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn", "kind"], name="one_signal_of_a_kind_per_turn")
        ]
        indexes = [models.Index(fields=["bot", "kind", "at"], name="signal_of_bot_by_time")]

    def __str__(self) -> str:
        return self.sentence


class SearchEntry(BotOwned):
    """The words of a conversation, for the search. Found anew whenever it changes."""

    conversation = models.OneToOneField(
        Conversation, models.CASCADE, primary_key=True, related_name="search_entry"
    )
    bot = of_a_bot()
    started_at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        indexes = [
            models.Index(
                fields=["bot", "-started_at", "-conversation"], name="search_newest_of_bot"
            ),
            GinIndex(fields=["words"], name="search_by_word"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
