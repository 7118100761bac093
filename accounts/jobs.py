"""The kinds of job that keep this room tidy."""

from accounts import anchoring, tidying
from jobs.kinds import kind
from jobs.work import Stopped, Task


@kind("forget_expired_logins", title="Tidy sessions and login tries", cron="47 3 * * *")
def forget_expired_logins(task: Task) -> None:
    tidying.forget_expired_logins()


@kind("anchor_audit_log", title="Anchor the audit log", cron="*/15 * * * *", routine=True)
def anchor_audit_log(task: Task) -> None:
    try:
        anchoring.anchor()
    except anchoring.NotDelivered as reason:
        raise Stopped(f"The anchor of the audit log was not delivered. {reason}") from reason
    except anchoring.NotAnAnchor as reason:
        raise Stopped(
            f"{reason} Put the file aside and look into it; a new one is begun."
        ) from reason
