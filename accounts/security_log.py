"""Everything that touches who may do what, and what is live: an entry of the audit log and a line.

Ids only: no names, no secrets, no texts.
"""

from typing import Any

import structlog
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from accounts import auditing
from accounts.models import User

logger = structlog.get_logger("accounts.security")


def record(
    event: str, *, by: User | None = None, bot_id: int | None = None, **facts: object
) -> None:
    """Say what was done. Call it in the transaction that does it: both are kept, or neither."""
    auditing.enter(event, by=by, bot_id=bot_id, facts=facts)
    logger.info(event, by=by.pk if by else None, **({"bot_id": bot_id} if bot_id else {}), **facts)


def record_refused_code(user: User) -> None:
    logger.warning("second_factor_failed", user_id=user.pk)


@receiver(user_logged_in)
def record_login(user: User, **_: Any) -> None:
    record("logged_in", by=user)


@receiver(user_logged_out)
def record_logout(user: User | None, **_: Any) -> None:
    record("logged_out", by=user)


@receiver(user_login_failed)
def record_failed_login(credentials: dict[str, Any], **_: Any) -> None:
    # Only a line: anybody could fill the audit log with these.
    # What was typed stays out: it is now and then the password in the wrong field.
    tried = User.objects.filter(username=credentials.get("username")).values_list("pk", flat=True)
    logger.warning("login_failed", user_id=tried.first())
