"""Keeping the record short."""

from datetime import timedelta

from django.utils import timezone

from jobs.kinds import KINDS
from jobs.models import Job, Process

AT_ONCE = 5000  # rows in one statement, so that no lock is held for long


def forget_old_jobs(*, older_than: timedelta) -> int:
    """Delete a batch of jobs that ended longer ago than `older_than`; how many that was."""
    kept = [name for name, kind in KINDS.items() if kind.kept]
    old = Job.objects.ended().filter(ended_at__lt=timezone.now() - older_than)
    old = old.exclude(kind__in=kept)
    return Job.objects.filter(pk__in=old.values("pk")[:AT_ONCE]).delete()[0]


def forget_routine(*, older_than: timedelta = timedelta(days=1)) -> int:
    """The same for jobs that went well and that nobody will look for."""
    kinds = [name for name, kind in KINDS.items() if kind.routine]
    old = Job.objects.filter(
        kind__in=kinds, state=Job.State.DONE, ended_at__lt=timezone.now() - older_than
    )
    return Job.objects.filter(pk__in=old.values("pk")[:AT_ONCE]).delete()[0]


def forget_dead_processes(*, older_than: timedelta = timedelta(days=1)) -> int:
    return Process.objects.filter(seen_at__lt=timezone.now() - older_than).delete()[0]
