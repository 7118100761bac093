"""Forgetting what logins leave behind."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.core.management import call_command
from django.utils import timezone

FORGET_ATTEMPTS_AFTER = timedelta(days=1)


def forget_expired_logins() -> None:
    """Delete sessions that have run out, and failed logins older than a day."""
    call_command("clearsessions")
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - FORGET_ATTEMPTS_AFTER).delete()
