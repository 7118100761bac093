"""One log line for everything that touches who may do what. Ids only: no names, no secrets."""

from typing import Any

import structlog
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from accounts.models import User

logger = structlog.get_logger("accounts.security")


def record(event: str, *, by: User | None = None, **ids: object) -> None:
    logger.info(event, by=by.pk if by else None, **ids)


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
    # What was typed stays out: it is now and then the password in the wrong field.
    tried = User.objects.filter(username=credentials.get("username")).values_list("pk", flat=True)
    logger.warning("login_failed", user_id=tried.first())
