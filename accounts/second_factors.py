"""The second factor at login: codes of an app, and recovery codes for when it is lost."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_static.models import (
    StaticDevice,
    StaticToken,
)
from django_otp.util import random_hex

from accounts.models import Authenticator, User
from accounts.people import Yourself
from accounts.sealing import seal, unseal
from accounts.security_log import record, record_refused_code

DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_LENGTH = 16
# Small letters and digits that cannot be taken for one another.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


class CodeRefused(Exception):
    """The code was not taken."""


class WrongCode(CodeRefused):
    """No app and no list shows this code now, or it was used before."""


class TooSoon(CodeRefused):
    """After wrong codes none is looked at for a while."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class AlreadyOn(Exception):
    """The login asks for a code already: turn that off first."""


class NotOn(Exception):
    """There is nothing, or nothing any more, that the code could belong to."""


@dataclass(frozen=True)
class RecoveryCodes:
    """Codes that pages show once. Each takes the place of one code of the app."""

    codes: tuple[str, ...] = field(repr=False)

    @property
    def as_text(self) -> str:
        return "\n".join(self.codes)


def is_on(user: User) -> bool:
    on: bool = Authenticator.objects.of(user).in_use().exists()
    return on


def being_set_up(user: User) -> Authenticator | None:
    found: Authenticator | None = (
        Authenticator.objects.of(user).being_set_up(at=timezone.now()).first()
    )
    return found


def recovery_codes_left(user: User) -> int:
    left: int = StaticToken.objects.filter(device__user=user).count()
    return left


@transaction.atomic
def start(user: User) -> Authenticator:
    """Make a secret for `user`. The login asks for nothing until a code has confirmed it."""
    # The lock makes those who look wait for those who add.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if is_on(user):
        raise AlreadyOn
    Authenticator.objects.of(user).delete()
    made: Authenticator = Authenticator.objects.create(
        user=user, name="app", confirmed=False, key="", sealed=seal(random_hex(20))
    )
    return made


def confirm(user: User, *, code: str) -> RecoveryCodes:
    """Ask for codes from the next login on, because the app has shown that it knows them."""
    used = _use_up(Authenticator.objects.of(user).being_set_up(at=timezone.now()), code, by=user)
    with transaction.atomic():
        waiting = Authenticator.objects.filter(pk=used.pk, confirmed=False)
        if not waiting.update(confirmed=True):
            raise NotOn
        record("second_factor_set_up", by=user, user_id=user.pk)
        return _make_recovery_codes(user)


def check(user: User, *, code: str) -> Authenticator:
    """Use up one code of the app, or one recovery code."""
    if len(code) == DIGITS:
        _use_up(Authenticator.objects.of(user).in_use(), code, by=user)
    else:
        _use_up(StaticDevice.objects.filter(user=user), _fingerprint(code), by=user)
        record("recovery_code_used", by=user, user_id=user.pk)
    on: Authenticator | None = Authenticator.objects.of(user).in_use().first()
    if on is None:
        raise NotOn
    return on


def new_recovery_codes(user: User, *, code: str) -> RecoveryCodes:
    """Put ten new recovery codes in the place of those that are left."""
    check(user, code=code)
    return _make_recovery_codes(user)


def turn_off(user: User, *, code: str) -> None:
    check(user, code=code)
    with transaction.atomic():
        if _forget(user):
            record("second_factor_turned_off", by=user, user_id=user.pk)


@transaction.atomic
def reset(user: User, *, by: User | None) -> None:
    """Let `user` in with the password alone, because they lost the app and the codes."""
    if by and user.pk == by.pk:
        raise Yourself
    if _forget(user):
        record("second_factor_reset", by=by, user_id=user.pk)


def reseal_all() -> int:
    """Seal every secret with the first key; say how many there were."""
    count = 0
    for pk, sealed in Authenticator.objects.values_list("pk", "sealed").iterator():
        same = Authenticator.objects.filter(pk=pk, sealed=sealed)
        count += same.update(sealed=seal(unseal(sealed)))
    return count


def _use_up(devices: Any, token: str, *, by: User) -> Any:
    """Use `token` up on the one device among `devices`, and return that device."""
    # Raises after the end: an exception inside would take back the count of wrong codes.
    with transaction.atomic():
        device = devices.select_for_update().first()
        if device is None:
            raise NotOn
        allowed, why_not = device.verify_is_allowed()
        right = allowed and device.verify_token(token)
    if not right:
        record_refused_code(by)
    if not allowed:
        left = why_not["locked_until"] - timezone.now()
        raise TooSoon(max(1, ceil(left.total_seconds())))
    if not right:
        raise WrongCode
    return device


@transaction.atomic
def _make_recovery_codes(user: User) -> RecoveryCodes:
    # The lock makes two who ask at once take turns, so that ten codes work and not twenty.
    if Authenticator.objects.of(user).in_use().select_for_update().first() is None:
        raise NotOn
    device, _ = StaticDevice.objects.get_or_create(user=user, defaults={"name": "recovery codes"})
    device.token_set.all().delete()
    codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=_fingerprint(code.replace("-", ""))) for code in codes
    )
    record("recovery_codes_made", by=user, user_id=user.pk)
    return RecoveryCodes(codes)


def _recovery_code() -> str:
    """16 characters of 31: 79 random bits, in groups for those who must type it."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _fingerprint(code: str) -> str:
    """96 bits of SHA-256: as much as a StaticToken holds, and more than the code has."""
    return urlsafe_b64encode(sha256(code.encode()).digest()[:12]).decode()


@transaction.atomic
def _forget(user: User) -> bool:
    StaticDevice.objects.filter(user=user).delete()
    deleted: tuple[int, dict[str, int]] = Authenticator.objects.of(user).delete()
    return deleted[0] > 0
