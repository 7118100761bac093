"""Waiting for what the install's workers do, and seeing to it that it is done soon.

What is asked for here is only what the schedule asks for each minute; nobody wants to wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import ProgrammingError, transaction

from accounts.models import Bot
from annotation.models import ReviewItem
from jobs import requesting
from jobs.models import Job, Process
from replay.casting import NotPossible
from training import stocking, triggers
from training.evaluating import EVALUATE
from training.models import EvaluationReport, ModelVersion, QueueDraw, TrainingRun

LOOK_EVERY = 0.5  # seconds
PATIENCE = 600.0  # seconds
NO_WORKER = (
    "No worker runs, so nothing would be learned. Start ./loop up in another terminal, and say the "
    "same --data here, if you say one there."
)
SLOW = "{what} took longer than {minutes:.0f} minutes. The page Jobs says what the workers do."

Tell = Callable[[str], object]


def workers_or_stop() -> None:
    try:
        with transaction.atomic():
            there = Process.objects.alive(Process.Role.WORKER).exists()
    except ProgrammingError:  # a data folder that is no install's yet: without tables
        there = False
    if not there:
        raise NotPossible(NO_WORKER)


def until(holds: Callable[[], bool], *, what: str, tell: Tell, patience: float = PATIENCE) -> None:
    """Look again and again. Raise NotPossible when that is in vain."""
    began = time.monotonic()
    while not holds():
        tell(what)
        if time.monotonic() - began > patience:
            raise NotPossible(SLOW.format(what=what, minutes=patience / 60))
        time.sleep(LOOK_EVERY)


def until_idle(bot: Bot, *, tell: Tell) -> None:
    """Until the workers have done all that was asked for the bot."""
    until(
        lambda: not Job.objects.live().filter(bot=bot).exists(),
        what="waiting for vectors and the queue",
        tell=tell,
    )


def until_something_waits(bot: Bot, *, tell: Tell) -> None:
    """Have picks drawn from all that came by, and wait for them."""
    until_idle(bot, tell=tell)
    stocking.ask_for_picks(bot)
    until_idle(bot, tell=tell)


def is_empty(bot: Bot) -> bool:
    """Whether nothing waits for anybody, and nothing will by what is being done now."""
    busy = Job.objects.live().filter(bot=bot).exists()
    return not busy and not ReviewItem.objects.of(bot).open().exists()


def last_run(bot: Bot) -> TrainingRun | None:
    return TrainingRun.objects.of(bot).newest_first().select_related("job").first()


def missing_labels(bot: Bot, per_training: int) -> int:
    """How many new gold labels the trigger still waits for."""
    return max(per_training - triggers.new_labels(bot, most=per_training), 0)


def triggered(bot: Bot, *, after: TrainingRun | None, tell: Tell) -> TrainingRun:
    """The run that the trigger starts. It has seen enough labels, or never will."""
    with transaction.atomic():
        requesting.request("watch_training", key="watch_training:replay")
    runs = TrainingRun.objects.of(bot).filter(number__gt=after.number if after else 0)
    until(runs.exists, what="waiting for the trigger", tell=tell)
    return runs.latest("number")


def trained(run: TrainingRun, *, tell: Tell) -> TrainingRun:
    """The run, once it has ended."""
    live = Job.objects.live().filter(pk=run.job_id)
    until(lambda: not live.exists(), what="training", tell=tell)
    return TrainingRun.objects.with_what_is_shown().get(pk=run.pk)


def judged(version: ModelVersion, *, tell: Tell) -> EvaluationReport | None:
    """Its newest report; None where the job that judges failed."""
    jobs = Job.objects.live().filter(kind=EVALUATE, object_id=version.pk)
    until(lambda: not jobs.exists(), what="judging", tell=tell)
    return version.reports.newest_first().first()


def drawn_by(version: ModelVersion, *, tell: Tell) -> None:
    """Until the queue holds what this version picked, or a job said why not."""
    draws = QueueDraw.objects.filter(bot=version.bot, model_version=version)
    until(
        lambda: draws.exists() or not Job.objects.live().filter(bot=version.bot).exists(),
        what="drawing what is asked next",
        tell=tell,
    )
