"""Accounts of people: making, closing and reopening them, and their passwords."""

import secrets
import string
from dataclasses import dataclass, field

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from accounts.models import User
from accounts.security_log import record

# Letters and digits that cannot be taken for one another when read aloud.
ALPHABET = "".join(set(string.ascii_letters + string.digits) - set("0O1lI"))
FIRST_ADMIN_LOCK = 0x6C6F6F70


class UsernameTaken(Exception):
    """Somebody has that username, in some spelling."""


class Yourself(Exception):
    """Nobody closes their own account: they could not open it again."""


class LastOperator(Exception):
    """Without an operator nobody could make bots or people."""


@dataclass(frozen=True)
class NewPassword:
    """A person and the password they log in with once."""

    user: User
    password: str = field(repr=False)


def temporary_password() -> str:
    """20 characters of 57: 116 random bits, in groups for those who must type it."""
    letters = sorted(ALPHABET)
    groups = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


@transaction.atomic
def create_first_admin() -> str | None:
    """Make the operator `admin` if there is nobody yet, and return their password.

    None if there is somebody. Two starts at once make one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_ADMIN_LOCK])
    if User.objects.exists():
        return None
    password = temporary_password()
    admin = User.objects.create_superuser("admin", password=password)
    record("first_admin_created", user_id=admin.pk)
    return password


@transaction.atomic
def create(*, username: str, by: User, operator: bool = False) -> NewPassword:
    """Make an account with a password that has to be changed at the first login."""
    password = temporary_password()
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                username,
                password=password,
                must_change_password=True,
                is_superuser=operator,
                is_staff=operator,
            )
    except IntegrityError:
        raise UsernameTaken from None
    record("person_created", by=by, user_id=user.pk)
    return NewPassword(user, password)


def change_own_details(user: User, *, first_name: str, last_name: str, email: str) -> None:
    User.objects.filter(pk=user.pk).update(first_name=first_name, last_name=last_name, email=email)


@transaction.atomic
def change_own_password(user: User, *, password: str) -> None:
    user.set_password(password)
    User.objects.filter(pk=user.pk).update(password=user.password, must_change_password=False)
    record("password_changed", by=user, user_id=user.pk)


@transaction.atomic
def reset_password(user: User, *, by: User) -> NewPassword:
    """Give `user` a password to log in with once. It ends their sessions."""
    if user.pk == by.pk:
        raise Yourself
    password = temporary_password()
    user.set_password(password)
    User.objects.filter(pk=user.pk).update(password=user.password, must_change_password=True)
    record("password_reset", by=by, user_id=user.pk)
    return NewPassword(user, password)


@transaction.atomic
def deactivate(user: User, *, by: User) -> None:
    """End `user`'s sessions and let them in no more. What they did stays theirs."""
    if user.pk == by.pk:
        raise Yourself
    # Locked in one order, so that two operators who close each other take turns.
    operators = list(User.objects.operators().order_by("pk").select_for_update())
    if [operator.pk for operator in operators] == [user.pk]:
        raise LastOperator
    ended = {"is_active": False, "sessions_ended": F("sessions_ended") + 1}
    if User.objects.active().filter(pk=user.pk).update(**ended):
        record("person_deactivated", by=by, user_id=user.pk)


@transaction.atomic
def appoint_auditor(user: User, *, by: User) -> None:
    """Let `user` look at everything that counts, of every bot, without changing any of it."""
    if User.objects.filter(pk=user.pk, is_staff=False).update(is_staff=True):
        record("auditor_appointed", by=by, user_id=user.pk)


@transaction.atomic
def dismiss_auditor(user: User, *, by: User) -> None:
    """Take that back. An operator goes on seeing everything."""
    if User.objects.filter(pk=user.pk, is_staff=True).update(is_staff=False):
        record("auditor_dismissed", by=by, user_id=user.pk)


@transaction.atomic
def reactivate(user: User, *, by: User) -> None:
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        record("person_reactivated", by=by, user_id=user.pk)
