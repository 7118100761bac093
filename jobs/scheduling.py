"""Jobs that are requested again and again. Any number of `schedule` processes may run."""

from datetime import datetime

from croniter import croniter
from django.db import connection, transaction
from django.utils import timezone

from jobs import requesting
from jobs.kinds import KINDS
from jobs.models import Schedule

LOCK = 0x6A6F6273  # any number that nothing else of ours locks


def next_time(cron: str, *, after: datetime) -> datetime:
    """The first time after `after` that the five fields of `cron` name."""
    return croniter(cron, after).get_next(datetime)


def ensure_schedules() -> None:
    """Store the schedules that kinds ask for. A changed one takes effect; others stay."""
    now = timezone.now()
    for kind in KINDS.values():
        if not kind.cron:
            continue
        row, _ = Schedule.objects.get_or_create(
            name=kind.name,
            defaults={
                "kind": kind.name,
                "cron": kind.cron,
                "next_at": next_time(kind.cron, after=now),
            },
        )
        if row.cron != kind.cron:
            Schedule.objects.filter(pk=row.pk).update(
                cron=kind.cron, next_at=next_time(kind.cron, after=now)
            )


def fire_due(*, at: datetime | None = None) -> int:
    """Request what is due, each once however many times were missed; how many that was.

    One process at a time: the others find the lock taken and do nothing.
    """
    at = at or timezone.now()
    with transaction.atomic():
        if not _lock():
            return 0
        # A row of a kind that this version does not know waits for one that does.
        due = list(Schedule.objects.filter(enabled=True, next_at__lte=at, kind__in=KINDS))
        for row in due:
            requesting.request(
                row.kind, object_id=row.object_id, bot=row.bot, key=f"schedule:{row.name}"
            )
            Schedule.objects.filter(pk=row.pk).update(
                fired_at=at, next_at=next_time(row.cron, after=at)
            )
    return len(due)


def _lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        (taken,) = cursor.fetchone()
    return bool(taken)
