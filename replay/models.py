"""What was replayed, how far it is, and what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.scoping import BotOwned, BotOwnedQuerySet

# One at work says so more often than this: judging and the file's test take a while.
SILENT_AFTER = timedelta(minutes=2)


class ReplayQuerySet(BotOwnedQuerySet["Replay"]):
    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def going(self) -> Self:
        return self.filter(ended_at=None)


class Replay(BotOwned):
    """A labelled file played as live traffic to one bot. One of a bot goes on at a time.

    `counts` and `points` grow while it goes on, and say where one that was stopped goes on. They
    hold figures and names of intents, never what anybody said.
    """

    file = models.CharField(max_length=200, help_text="Its name, without folders.")
    sha256 = models.CharField(max_length=64, help_text="Of the file.")
    wishes = models.JSONField(help_text="How it was asked for; the same when it goes on.")
    twin_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="twins")
    counts = models.JSONField(default=dict, help_text="{what: how many} so far.")
    points = models.JSONField(default=list, help_text="One for each model version, in order.")
    stages = models.JSONField(default=dict, help_text="{stage: [wall seconds, CPU seconds]}.")
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, help_text="When it last did something.")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=300, default="")

    objects = ReplayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot"], condition=Q(ended_at=None), name="one_replay_of_a_bot_goes_on"
            ),
        ]
        indexes = [models.Index("bot", F("id").desc(), name="replay_newest_of_bot")]

    def __str__(self) -> str:
        return f"replay of {self.file}"

    @property
    def is_going(self) -> bool:
        return self.ended_at is None

    @property
    def is_at_work(self) -> bool:
        """Whether somebody plays it now, as far as its row tells."""
        return self.is_going and timezone.now() - self.seen_at < SILENT_AFTER

    @property
    def is_twin(self) -> bool:
        return self.twin_of_id is not None

    def count(self, name: str) -> int:
        return int(self.counts.get(name, 0))

    @property
    def last(self) -> dict[str, Any]:
        """The newest point; empty before the first."""
        return self.points[-1] if self.points else {}
