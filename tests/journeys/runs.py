"""Runs of every state, and a model version with all that its page can show."""

from datetime import timedelta

from django.utils import timezone

from tests.factories import make_dataset, make_model_version, make_run
from training.models import QueueDraw, RunLine

CANDIDATES = [
    ("vectors, C 100", 900, 0.7312, 0.7101, 1.02, False),
    ("vectors, C 20", 900, 0.7481, 0.7302, 0.98, False),
    ("both, words count 30%", 1200, 0.8730, 0.8610, 0.51, True),
]
SAID = [
    ("Learns from dataset version 1: 1,200 rows to train on, 0 of the audit", "info"),
    ("Tried vectors, C 100: 73.1% of 900 turns right", "info"),
    ("Fitted vectors, C 20 on all 1200 turns", "info"),
    ("No turn of the audit is labelled yet, so these figures come from held-out rows.", "warn"),
]
TOO_FEW = "There are only 3 labels to train on, and 10 is the least. Answer 7 more turns."


def runs_of_every_state(bot, by):
    """Their keys by what they are; jobs of ours stand under other names."""
    now = timezone.now()
    version = make_model_version(bot)
    done = version.run
    names = ("name", "rows", "accuracy", "macro_f1", "log_loss", "chosen")
    done.candidates = [dict(zip(names, each, strict=True)) for each in CANDIDATES]
    done.seconds = {"freeze": 1.2, "read": 0.3, "search and fit": 41.0, "write": 0.2}
    done.created_by = by
    done.save()
    audit = {"rows": 90, "accuracy": 0.911, "macro_f1": 0.9, "calibration_error": 0.02,
             "coverage": 0.8}  # fmt: skip
    make_model_version(bot, figures={"audit": audit})
    failed = make_run(bot, trigger="labels", job={
        "state": "failed", "ended_at": now, "started_at": now, "error": TOO_FEW})  # fmt: skip
    live = make_run(bot, created_by=by, warm_start=version, dataset=make_dataset(bot), job={
        "state": "running", "token": "2" * 32, "lease_until": now + timedelta(hours=9),
        "started_at": now - timedelta(seconds=40), "attempt": 2, "done": 4, "total": 9,
        "message": "Tried vectors, C 20: 74.8% of 900 turns right"})  # fmt: skip
    for run in (done, live):
        for text, tone in SAID:
            RunLine.objects.create(run=run, attempt=1, text=text, tone=tone)
    QueueDraw.objects.create(
        bot=bot, model_version=version, pool=12_345, picked=215, novel=15, seconds=0.4
    )
    return {"run_done": done, "run_failed": failed, "run_live": live, "model_version": version}
