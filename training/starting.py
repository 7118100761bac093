"""Asking for a model version, and changing one's mind about it."""

import secrets

from django.db import transaction
from django.db.models import Max

from accounts.models import Bot, User
from annotation.models import GoldLabel
from jobs import requesting
from training.configuring import settings_of
from training.deploying import leading_version
from training.models import TrainingRun
from training.models.runs import LARGEST_SEED

TRAIN = "train"
RESCORE = "rescore"

Trigger = TrainingRun.Trigger


class AlreadyTraining(Exception):
    """One run of a bot at a time: this is the one that is live."""

    def __init__(self, run: TrainingRun) -> None:
        super().__init__(f"{run} is live")
        self.run = run


@transaction.atomic
def start(
    bot: Bot,
    *,
    trigger: TrainingRun.Trigger,
    by: User | None = None,
    seed: int | None = None,
    afresh: bool = False,
) -> TrainingRun:
    """Ask for a run on what is labelled by then. Raise AlreadyTraining.

    Without a `seed` one is drawn. `afresh`: from nothing instead of from the newest version.
    """
    settings = settings_of(bot)
    # Of two who ask at once, the second waits here for the first, and then gets the first's.
    job = requesting.request(
        TRAIN, bot=bot, by=by, key=f"{TRAIN}:{bot.pk}", time_limit=settings.time_limit
    )
    if live := TrainingRun.objects.filter(job=job).first():
        raise AlreadyTraining(live)
    last = TrainingRun.objects.of(bot).aggregate(last=Max("number"))["last"] or 0
    return TrainingRun.objects.create(
        bot=bot,
        number=last + 1,
        job=job,
        trigger=trigger,
        seed=secrets.randbelow(LARGEST_SEED) if seed is None else seed,
        budget=settings.budget,
        warm_start=None if afresh else leading_version(bot),
        newest_label=newest_label(bot),
        created_by=by,
    )


def newest_label(bot: Bot) -> int:
    """The key of the newest gold label; 0 without any."""
    keys = GoldLabel.objects.of(bot).order_by("-id").values_list("id", flat=True)
    return keys.first() or 0
