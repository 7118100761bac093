"""The kinds of job that keep this room tidy."""

from datetime import timedelta

from django.conf import settings

from jobs import tidying
from jobs.kinds import kind
from jobs.work import Task


@kind("forget_old_jobs", title="Tidy the list of jobs", cron="17 3 * * *")
def forget_old_jobs(task: Task) -> None:
    keep = timedelta(days=settings.JOB_KEEP_DAYS)
    forgotten = 0
    while batch := tidying.forget_old_jobs(older_than=keep) + tidying.forget_routine():
        forgotten += batch
        task.progress(forgotten, forgotten + 1, f"{forgotten} old jobs deleted")
    tidying.forget_dead_processes()
