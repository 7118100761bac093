"""Who may do what: Django's permissions, answered from roles."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import Bot, Membership, User
from accounts.recognising import recognised
from accounts.roles import permissions_of, roles_with

# No role has it: it is of the whole install.
AUDIT = "accounts.audit"


class RoleBackend(ModelBackend):
    """Logs people in as Django does; what they may do follows from their role in a bot.

    Without an object the bot is the request's current one. Superusers never get here:
    Django lets them pass before it asks a backend.
    """

    def get_user(self, user_id: int) -> User | None:
        """The person of a session. Their bots and memberships are read along."""
        user = recognised(user_id)
        return user if user and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        membership = _membership(user_obj, obj)
        of_role = set(permissions_of(membership.role)) if membership else set()
        return of_role | {AUDIT} if getattr(user_obj, "is_auditor", False) else of_role

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return self.get_all_permissions(user_obj, obj)

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)

    def with_perm(
        self,
        perm: Any,
        is_active: bool | None = True,
        include_superusers: bool = True,
        obj: Any = None,
    ) -> QuerySet[Any]:
        """People who hold `perm` in the bot `obj`; without one, in any bot."""
        holders = Membership.objects.filter(role__in=roles_with(perm))
        if obj is not None:
            holders = holders.filter(bot=obj)
        wanted = Q(pk__in=holders.values("user"))
        if include_superusers:
            wanted |= Q(is_superuser=True)
        people: QuerySet[User] = User.objects.filter(wanted)
        return people if is_active is None else people.filter(is_active=is_active)


def _membership(user: User | AnonymousUser, bot: Any) -> Membership | None:
    if not isinstance(user, User) or not user.is_active:
        return None
    if bot is None:
        return user.membership
    return user.membership_by_bot.get(bot.pk) if isinstance(bot, Bot) else None
