"""Between the right password and the code: who it is that nobody has logged in yet."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User

KEPT = "half_login"
LASTS = 5 * 60  # seconds


@dataclass(frozen=True)
class HalfLogin:
    user: User
    backend: str
    next_page: str


def begin(request: HttpRequest, user: Any, *, next_page: str) -> None:
    """Remember that `user` gave the right password, and where they wanted to go."""
    # Whoever may have planted the session's key does not know the new one.
    request.session.cycle_key()
    request.session[KEPT] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "backend": user.backend,
        "next_page": next_page,
        "at": timezone.now().timestamp(),
    }


def pending(request: HttpRequest) -> HalfLogin | None:
    """Who still owes a code. None if nobody does, time ran out, or the password was changed."""
    kept = request.session.get(KEPT)
    if not kept or timezone.now().timestamp() - kept["at"] > LASTS:
        return None
    user = User.objects.active().filter(pk=kept["user"]).first()
    if not user or not constant_time_compare(kept["password"], user.get_session_auth_hash()):
        return None
    return HalfLogin(user, kept["backend"], kept["next_page"])


def wanted_page(request: HttpRequest) -> str:
    """Where the last one wanted to go, in time or not; empty if there was none."""
    page: str = request.session.get(KEPT, {}).get("next_page", "")
    return page


def forget(request: HttpRequest) -> None:
    request.session.pop(KEPT, None)
