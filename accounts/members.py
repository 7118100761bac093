"""Who works on a bot, and in which role."""

from dataclasses import dataclass, field

from django.db import transaction

from accounts import people
from accounts.models import Bot, Membership, User
from accounts.roles import Role
from accounts.security_log import record


class AlreadyMember(Exception):
    """The person works on this bot already."""


class LastAdmin(Exception):
    """Without an admin nobody could look after the bot's members and keys."""


@dataclass(frozen=True)
class Joined:
    """A new membership; `password` if the person was new to the install."""

    membership: Membership
    password: str | None = field(default=None, repr=False)


@transaction.atomic
def add(bot: Bot, *, username: str, role: str, by: User) -> Joined:
    """Let the person called `username` work on `bot`; make them if nobody is called so."""
    _lock(bot)
    password = None
    user = User.objects.filter(username__iexact=username).first()
    if user is None:
        made = people.create(username=username, by=by)
        user, password = made.user, made.password
    membership, created = Membership.objects.get_or_create(
        bot=bot, user=user, defaults={"role": role}
    )
    if not created:
        raise AlreadyMember
    record("member_added", by=by, bot_id=bot.pk, user_id=user.pk, role=role)
    return Joined(membership, password)


@transaction.atomic
def change_role(membership: Membership, *, role: str, by: User) -> None:
    _lock(membership.bot)
    if role != Role.ADMIN:
        _keep_an_admin_besides(membership)
    if Membership.objects.filter(pk=membership.pk).exclude(role=role).update(role=role):
        _record("member_role_changed", membership, by=by, role=role)


@transaction.atomic
def remove(membership: Membership, *, by: User) -> None:
    _lock(membership.bot)
    _keep_an_admin_besides(membership)
    deleted, _ = Membership.objects.filter(pk=membership.pk).delete()
    if deleted:
        _record("member_removed", membership, by=by)


def _lock(bot: Bot) -> None:
    Bot.objects.select_for_update(no_key=True).get(pk=bot.pk)


def _keep_an_admin_besides(membership: Membership) -> None:
    admins = Membership.objects.of(membership.bot).active_admins()
    if admins.filter(pk=membership.pk).exists() and not admins.exclude(pk=membership.pk).exists():
        raise LastAdmin


def _record(event: str, membership: Membership, *, by: User, **more: object) -> None:
    record(event, by=by, bot_id=membership.bot_id, user_id=membership.user_id, **more)
