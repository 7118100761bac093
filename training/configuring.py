"""Changing when and how a bot's model versions are trained."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Bot, User
from accounts.security_log import record
from ingest.configuring import change_intake
from ingest.models import IntakeSettings
from jobs import requesting, scheduling
from jobs.models import Schedule
from training.models import TrainingSettings

ON_SCHEDULE = "train_on_schedule"
ENCODE_ANEW = "encode_anew"

Every = TrainingSettings.Schedule


def settings_of(bot: Bot) -> TrainingSettings:
    """The stored settings, or the defaults."""
    return TrainingSettings.objects.filter(bot=bot).first() or TrainingSettings(bot=bot)


@transaction.atomic
def change_training(bot: Bot, *, by: User, encoder: str, **fields: Any) -> bool:
    """Store fields of TrainingSettings; say whether texts get new vectors because of it."""
    TrainingSettings.objects.select_for_update().get_or_create(bot=bot)
    TrainingSettings.objects.filter(bot=bot).update(**fields)
    record("training_settings_changed", by=by, bot_id=bot.pk)
    _plan(TrainingSettings.objects.get(bot=bot))
    return _changed_encoder(bot, encoder, by=by)


def _plan(settings: TrainingSettings) -> None:
    """Have the schedule ask for runs at the hour that was set, or not any more."""
    name = f"{ON_SCHEDULE}:{settings.bot_id}"
    if settings.schedule == Every.OFF:
        Schedule.objects.filter(name=name).delete()
        return
    day = "*" if settings.schedule == Every.DAILY else str(settings.weekday)
    cron = f"0 {settings.hour} * * {day}"
    row, made = Schedule.objects.get_or_create(
        name=name,
        defaults={
            "kind": ON_SCHEDULE,
            "bot": settings.bot,
            "cron": cron,
            "next_at": scheduling.next_time(cron, after=timezone.now()),
        },
    )
    if not made and row.cron != cron:
        Schedule.objects.filter(pk=row.pk).update(
            cron=cron, next_at=scheduling.next_time(cron, after=timezone.now())
        )


def _changed_encoder(bot: Bot, encoder: str, *, by: User) -> bool:
    """Have all texts encoded anew where the encoder is another. Old vectors stay, and serve."""
    before, _ = IntakeSettings.objects.get_or_create(bot=bot)
    if before.encoder == encoder:
        return False
    change_intake(bot, by=by, encoder=encoder)
    requesting.request(ENCODE_ANEW, bot=bot, by=by)
    return True
