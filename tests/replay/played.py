"""Replays as they stand in the database, without the hours that go before them."""

from django.utils import timezone

from replay.models import Replay
from replay.wishing import Wishes


def point(number, *, version_id=1, verdict="promote", **fields):
    usual = {
        "labels": 100 * number, "audit": 8 * number, "version": number, "version_id": version_id,
        "accuracy": 0.4 + 0.1 * number, "flagged": None, "declined": 0.05, "verdict": verdict,
        "why": "accuracy 0.700 on the audit, live 0.600.", "overrides": verdict == "promote",
        "live": number, "live_accuracy": 0.4 + 0.1 * number, "sent": 3000 + 1000 * number,
        "answered": 1000 * number, "right": 600 * number, "seconds": 60.0 * number,
    }  # fmt: skip
    return usual | fields


def make_replay(bot, *, points=3, ended=True, **fields):
    """A Replay with so many versions, the second of which was rejected."""
    made = [point(n, verdict="reject" if n == 2 else "promote") for n in range(1, points + 1)]
    counts = {"labels": 100 * points, "wrong": 4, "sent": 3000 + 1000 * points, "seconds": 190,
              "answered": 1000 * points, "right": 600 * points}  # fmt: skip
    end = {"ended_at": timezone.now(), "ended_because": "300 labels were given"} if ended else {}
    defaults = {
        "file": "bank.jsonl.gz", "sha256": "a" * 64, "wishes": Wishes().as_json(),
        "counts": counts, "stages": {"traffic": [61.0, 20.0], "training": [80.0, 44.0]},
    }  # fmt: skip
    return Replay.objects.create(bot=bot, points=made, **(defaults | end | fields))
