"""How long a login has to wait, and where a try came from."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from math import ceil
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Q
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


@dataclass(frozen=True)
class Tries:
    """Wrong tries that axes keeps as one row, as they look to one request."""

    at: datetime  # the last of them
    count: int
    of_account: bool
    of_address: bool


class LoginTries(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts wrong tries as axes does, and by two wider limits besides.

    An address that tries many accounts once each, and an account that is tried from many
    addresses, never reach the limit of one account from one address. Naming either alone in
    AXES_LOCKOUT_PARAMETERS would give all of them one limit, and would let a login with one's
    own account forget what its address tried on others.
    """

    def get_failures(self, request: HttpRequest, credentials: Any = None) -> int:
        """Nothing, or `AXES_FAILURE_LIMIT` while one of the limits is reached."""
        paused = _pause_ends(request, username=get_client_username(request, credentials))
        return settings.AXES_FAILURE_LIMIT if paused else 0


def seconds_left(request: HttpRequest, *, username: str) -> int:
    """Seconds until `username` may be tried again from where `request` comes from."""
    ends = _pause_ends(request, username=username)
    return max(1, ceil((ends - timezone.now()).total_seconds())) if ends else 1


def _pause_ends(request: HttpRequest, *, username: str | None) -> datetime | None:
    """When the last of the limits that are reached will be so no more. None if none is.

    Tries during a pause are not counted, so it ends by itself and there are few rows to read.
    """
    pause, address = timedelta(minutes=settings.LOGIN_PAUSE), client_address(request)
    of_account, of_address = Q(username=username), Q(ip_address=address)
    # People whose address is not known share none.
    about = of_account | of_address if address else of_account
    recent = AccessAttempt.objects.filter(about, attempt_time__gt=timezone.now() - pause)
    # The database compares addresses: one address can be written in several ways.
    tries = [
        Tries(*row)
        for row in recent.order_by("-attempt_time").values_list(
            "attempt_time", "failures_since_start", of_account, of_address
        )
    ]
    by_account = [one for one in tries if one.of_account]
    by_address = [one for one in tries if one.of_address and address]
    reached = [
        _reached([one for one in by_account if one.of_address], settings.LOGIN_TRIES),
        _reached(by_account, settings.LOGIN_TRIES_PER_ACCOUNT),
        _reached(by_address, settings.LOGIN_TRIES_PER_ADDRESS),
    ]
    return max((at + pause for at in reached if at), default=None)


def _reached(tries: list[Tries], limit: int) -> datetime | None:
    """When those of `tries` were made, newest first, without which the limit is not reached."""
    count = 0
    for one in tries:
        count += one.count
        if count >= limit:
            return one.at
    return None
