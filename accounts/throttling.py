"""How long a login has to wait, and where a try came from."""

from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from math import ceil
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone


def client_address(request: HttpRequest) -> str | None:
    """The address that the outermost trusted proxy saw; without proxies, the peer's.

    What stands further left in X-Forwarded-For was written by the client.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    # Each proxy adds the address that it saw, so the last ones are the proxies' own.
    seen = [address.strip() for address in forwarded if address.strip()] + [peer]
    outside = seen[: max(0, len(seen) - settings.TRUSTED_PROXIES)] or [peer]
    with suppress(ValueError):
        return str(ip_address(outside[-1] if settings.TRUSTED_PROXIES else peer))
    return None


def seconds_left(request: HttpRequest, *, username: str) -> int:
    """Seconds until `username` may be tried again from where `request` comes from."""
    pause = timedelta(minutes=settings.LOGIN_PAUSE)
    tries: Any = AccessAttempt.objects.filter(
        username=username, ip_address=client_address(request)
    ).order_by("-attempt_time")
    last = tries.values_list("attempt_time", flat=True).first()
    left = last + pause - timezone.now() if last else pause
    return max(1, ceil(left.total_seconds()))
