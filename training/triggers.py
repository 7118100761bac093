"""What starts a run by itself: the clock, and new labels. Each only asks, like a person does.

To add one: a Trigger in models/runs.py, and whoever sees the reason calls `pull`.
"""

import structlog

from accounts.models import Bot
from annotation.models import GoldLabel
from training import starting
from training.models import TrainingRun, TrainingSettings
from training.starting import AlreadyTraining

logger = structlog.get_logger(__name__)

Trigger = TrainingRun.Trigger


def pull(bot: Bot, trigger: TrainingRun.Trigger) -> TrainingRun | None:
    """Start a run because of `trigger`; None while another is live, which will do."""
    try:
        run = starting.start(bot, trigger=trigger)
    except AlreadyTraining:
        return None
    logger.info("training_triggered", bot_id=bot.pk, run_id=run.pk, trigger=trigger.value)
    return run


def on_schedule(bot: Bot) -> TrainingRun | None:
    """Start a run if anything was labelled, or taken back, since the last one was asked for."""
    last = _last_run(bot)
    if last is not None and not _changed_since(last):
        return None
    return pull(bot, Trigger.SCHEDULE)


def on_new_labels(settings: TrainingSettings) -> TrainingRun | None:
    """Start a run once as many gold labels are new as the bot's settings say."""
    if not settings.after_labels or new_labels(settings.bot, most=settings.after_labels) < (
        settings.after_labels
    ):
        return None
    return pull(settings.bot, Trigger.LABELS)


def new_labels(bot: Bot, *, most: int) -> int:
    """How many gold labels are newer than the last run; it counts no further than `most`."""
    last = _last_run(bot)
    newer = GoldLabel.objects.of(bot).current().filter(pk__gt=last.newest_label if last else 0)
    newer = newer.filter(change=None)  # else nobody has answered anything
    return newer.order_by("-id")[:most].count()


def _last_run(bot: Bot) -> TrainingRun | None:
    return TrainingRun.objects.of(bot).newest_first().first()


def _changed_since(run: TrainingRun) -> bool:
    labels = GoldLabel.objects.of(run.bot)
    return (
        labels.filter(pk__gt=run.newest_label).exists()
        or labels.filter(withdrawn_at__gt=run.created_at).exists()
    )
