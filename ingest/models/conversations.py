"""Conversations, and what happened in them."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.scoping import BotOwned, BotOwnedQuerySet
from ingest.models.intake import of_a_bot


class ConversationQuerySet(BotOwnedQuerySet["Conversation"]):
    def silent_since(self, moment: datetime) -> Self:
        return self.filter(outcome=Conversation.Outcome.OPEN, last_at__lte=moment)

    def ended_before(self, moment: datetime) -> Self:
        # It started before it ended; the index knows the start.
        return self.filter(started_at__lt=moment, last_at__lt=moment)

    def of_user(self, user: UUID) -> Self:
        """Those that the end user was in. `users` may leave some out; events do not."""
        return self.filter(pk__in=IncomingEvent.objects.filter(user=user).values("conversation"))

    def due(self) -> Self:
        """Those whose signals are older than what is known of them."""
        return self.filter(due_since__isnull=False)

    def newest_first(self) -> Self:
        return self.order_by("-started_at", "-pk")


class Conversation(BotOwned):
    """What one end user and a bot said to each other.

    The key is made of the bot and its conversation_id. Every field is what all events together
    say, whatever their order (ingest/gathering.py). `side` is fixed by the first of them.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"
        ESCALATED = "escalated", "Escalated"
        ABANDONED = "abandoned", "Abandoned"

    class Side(models.TextChoices):
        TRAIN = "train", "Train"
        AUDIT = "audit", "Audit"

    id = models.UUIDField(primary_key=True, editable=False)
    bot = of_a_bot()
    name = models.CharField(
        max_length=200, help_text="The bot's conversation_id; a pseudonym if it was personal data."
    )
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()
    channel = models.CharField(max_length=40, default="")
    channel_at = models.DateTimeField(null=True, help_text="When `channel` was said.")
    language = models.CharField(max_length=20, default="")
    language_at = models.DateTimeField(null=True, help_text="When `language` was said.")
    users = ArrayField(
        models.UUIDField(), default=list, help_text="Pseudonyms, sorted; 20 at most."
    )
    intents = ArrayField(models.CharField(max_length=120), default=list, help_text="Sorted.")
    lowest_confidence = models.FloatField(null=True)
    turn_count = models.PositiveIntegerField(default=0)
    escalated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.OPEN)
    side = models.CharField(max_length=5, choices=Side)
    audit_share = models.FloatField(help_text="Its chance of being on the audit side.")
    signals = ArrayField(models.CharField(max_length=20), default=list, help_text="Sorted.")
    weight = models.FloatField(default=0, help_text="Of its heaviest turn's signals together.")
    due_since = models.DateTimeField(null=True, help_text="Since when signals are to be found.")
    changes = models.PositiveIntegerField(default=0)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(side__in=["train", "audit"]), name="conversation_is_on_a_side"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["open", "closed", "escalated", "abandoned"]),
                name="conversation_has_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["bot", "-started_at", "-id"], name="conversation_newest_of_bot"),
            GinIndex(fields=["signals"], name="conversation_by_signal"),
            GinIndex(fields=["intents"], name="conversation_by_intent"),
            # Without last_at: a turn that changes no index is stored where its row was.
            models.Index(fields=["bot"], condition=Q(outcome="open"), name="conversation_open"),
            models.Index(
                fields=["bot", "due_since"],
                condition=Q(due_since__isnull=False),
                name="conversation_due",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class IncomingEvent(BotOwned):
    """One event as it came in, once. The key is made of the bot and the event's id."""

    class Kind(models.TextChoices):
        TURN = "turn", "Turn"
        FEEDBACK = "feedback", "Feedback"
        ESCALATION = "escalation", "Escalation"
        CLOSED = "closed", "Closed"

    id = models.UUIDField(primary_key=True, editable=False)
    bot = of_a_bot()
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    user = models.UUIDField(null=True, help_text="Pseudonym of the end user, if it was said.")
    digest = models.UUIDField(help_text="Of what was said, before redaction.")
    redacted = models.JSONField(default=dict, help_text="Kinds of personal data and how many.")
    mended = models.BooleanField(
        default=False, help_text="Characters that no text can hold were replaced by U+FFFD."
    )

    class Meta:
        indexes = [
            models.Index(fields=["user"], condition=Q(user__isnull=False), name="event_by_end_user")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class TextQuerySet(BotOwnedQuerySet["Text"]):
    def unencoded(self) -> Self:
        return self.filter(encoded_by="")

    def uncompared(self) -> Self:
        return self.filter(compared=False)


class Text(BotOwned):
    """One distinct text that users of a bot sent, normalised. The key is made of both.

    Nothing counts its turns here: a row that every "yes" rewrites would be a queue.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    bot = of_a_bot()
    text = models.TextField()
    encoded_by = models.CharField(
        max_length=40, default="", help_text="Version of the encoder; empty while it waits."
    )
    compared = models.BooleanField(default=False)
    bands = ArrayField(models.BigIntegerField(), default=list)
    alike = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Stands for its group of near-duplicates; empty outside of groups.",
    )

    objects = TextQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["bot", "id"], condition=Q(encoded_by=""), name="text_without_vector"
            ),
            # For drawing at random.
            models.Index(fields=["bot", "id"], name="text_of_bot"),
            models.Index(
                fields=["bot", "id"], condition=Q(compared=False), name="text_not_compared"
            ),
            # Without fastupdate: every search would read the list of what is not filed yet.
            GinIndex(fields=["bands"], fastupdate=False, name="text_by_band"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class TextVector(BotOwned):
    """What an encoder makes of a text: half-precision numbers, little-endian, in order."""

    text = models.ForeignKey(Text, models.CASCADE, related_name="vectors")
    bot = of_a_bot()
    encoder = models.CharField(max_length=40)
    vector = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["text", "encoder"], name="one_vector_per_text_and_encoder"
            )
        ]
        indexes = [models.Index(fields=["bot", "encoder", "id"], name="vector_in_order")]

    def __str__(self) -> str:
        return f"{self.text_id} by {self.encoder}"


class TurnQuerySet(BotOwnedQuerySet["Turn"]):
    def in_order(self) -> Self:
        return self.order_by("at", "pk")


class Turn(BotOwned):
    """What an end user said and what the bot answered, redacted. One of the two may be empty."""

    event = models.OneToOneField(
        IncomingEvent, models.PROTECT, primary_key=True, related_name="turn"
    )
    bot = of_a_bot()
    conversation = models.ForeignKey(
        Conversation, models.PROTECT, related_name="turns", db_index=False
    )
    at = models.DateTimeField()
    text = models.TextField(help_text="What the user said.")
    response = models.TextField(help_text="What the bot said.")
    distinct_text = models.ForeignKey(Text, models.PROTECT, null=True, related_name="turns")
    intent = models.CharField(max_length=120, default="")
    confidence = models.FloatField(null=True)
    alternatives = models.JSONField(default=list, help_text="[{intent, confidence}], best first.")
    entities = models.JSONField(default=list, help_text="[{type, value, start, end}].")
    dialog_state = models.JSONField(default=dict)
    error = models.TextField(default="")
    latency_ms = models.PositiveIntegerField(null=True)
    model_version = models.CharField(max_length=120, default="")

    objects = TurnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence=None) | Q(confidence__gte=0, confidence__lte=1),
                name="turn_confidence_in_0_1",
            )
        ]
        indexes = [
            models.Index(fields=["conversation", "at"], name="turn_in_order"),
            models.Index(fields=["bot", "at"], name="turn_of_bot_by_time"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Completion(BotOwned):
    """What a bot said later of a turn that was predicted before the bot had answered.

    It may come before the turn. The turn then holds what all of its completions say.
    """

    event = models.OneToOneField(
        IncomingEvent, models.PROTECT, primary_key=True, related_name="completion"
    )
    bot = of_a_bot()
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="+")
    # Not a foreign key: the turn may come later.
    completes = models.UUIDField(help_text="The event of the turn: the id of its prediction.")
    at = models.DateTimeField()
    response = models.TextField(default="")
    intent = models.CharField(max_length=120, default="")
    confidence = models.FloatField(null=True)
    alternatives = models.JSONField(default=list, help_text="[{intent, confidence}], best first.")
    entities = models.JSONField(default=list, help_text="[{type, value, start, end}].")
    dialog_state = models.JSONField(default=dict)
    error = models.TextField(default="")
    latency_ms = models.PositiveIntegerField(null=True)
    model_version = models.CharField(max_length=120, default="")

    class Meta:
        indexes = [models.Index(fields=["completes"], name="completion_of_turn")]

    def __str__(self) -> str:
        return str(self.pk)


class Feedback(BotOwned):
    """What an end user said of a turn, or of the conversation. It is never a label."""

    class Thumb(models.TextChoices):
        UP = "up", "Thumbs up"
        DOWN = "down", "Thumbs down"

    event = models.OneToOneField(
        IncomingEvent, models.PROTECT, primary_key=True, related_name="feedback"
    )
    bot = of_a_bot()
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="feedback")
    # Not a foreign key: feedback may come before the turn that it is about.
    about = models.UUIDField(null=True, help_text="The event of the turn; empty: the last before.")
    at = models.DateTimeField()
    thumb = models.CharField(max_length=4, choices=Thumb, default="")
    rating = models.PositiveSmallIntegerField(null=True)
    reported = models.BooleanField(default=False)
    comment = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5),
                name="feedback_rating_from_1_to_5",
            )
        ]
        indexes = [models.Index(fields=["bot", "at"], name="feedback_of_bot_by_time")]

    def __str__(self) -> str:
        return str(self.pk)
