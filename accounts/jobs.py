"""The kinds of job that keep this room tidy."""

from accounts import tidying
from jobs.kinds import kind
from jobs.work import Task


@kind("forget_expired_logins", title="Tidy sessions and login tries", cron="47 3 * * *")
def forget_expired_logins(task: Task) -> None:
    tidying.forget_expired_logins()
