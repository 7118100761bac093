"""People, bots, who may work on which, and what bots prove themselves by."""

from __future__ import annotations

from base64 import b32encode
from datetime import datetime, timedelta
from typing import ClassVar, Self
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.functional import cached_property
from django_otp.models import DeviceManager
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.remembering import remembered
from accounts.roles import Role
from accounts.scoping import BotOwned, BotOwnedQuerySet
from accounts.sealing import unseal

# What apps show above the code.
ISSUER = "learnloop"
SETUP_LASTS = timedelta(minutes=30)


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def operators(self) -> Self:
        return self.active().filter(is_superuser=True)

    def matching(self, words: str) -> Self:
        """People whose name, username or e-mail holds each of `words`."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(username__icontains=word)
                | Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(email__icontains=word)
            )
        return found

    def with_second_factor(self) -> Self:
        """Say of each, as `has_second_factor`, whether their login asks for a code."""
        own = Authenticator.objects.in_use().filter(user=OuterRef("pk"))
        return self.annotate(has_second_factor=Exists(own))

    def by_username(self) -> Self:
        return self.order_by("username", "pk")


class UserManager(DjangoUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    pass


@remembered("is_active", "is_staff", "is_superuser", "must_change_password")
class User(AbstractUser):
    """A person. A superuser is an operator of this install: they create bots and people.

    The username never changes. Nobody is deleted, so that their work keeps its author.
    """

    must_change_password = models.BooleanField(
        default=False, help_text="The password is known to whoever made the account."
    )

    sessions_ended = models.PositiveIntegerField(
        default=0, help_text="How often all sessions were ended. No older one is let in again."
    )

    # In the bot that the request is about; set by the middleware.
    membership: Membership | None = None
    # What this session was verified with; set by django-otp's middleware.
    otp_device: TOTPDevice | None = None

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(Upper("username"), name="one_person_per_username_in_any_case")
        ]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session has to know: the password, and that it is not from before an end."""
        known: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]  # Django's own
        return f"{known}.{self.sessions_ended}" if self.sessions_ended else known

    @property
    def shown_name(self) -> str:
        return self.get_full_name() or self.username

    @cached_property
    def membership_by_bot(self) -> dict[int, Membership]:
        """All memberships by the bot's key, read once for each object, so once a request."""
        return {membership.bot_id: membership for membership in self.memberships.all()}

    @cached_property
    def bots(self) -> list[Bot]:
        """The bots that they may see, by name."""
        return list(Bot.objects.visible_to(self).by_name())

    @property
    def is_auditor(self) -> bool:
        """Whether they may look at everything that counts, of every bot, and change nothing."""
        return self.is_active and (self.is_staff or self.is_superuser)

    @property
    def is_admin_anywhere(self) -> bool:
        """Whether they run this install, or any bot."""
        roles = (membership.role for membership in self.membership_by_bot.values())
        return self.is_superuser or Role.ADMIN in roles


class BotQuerySet(models.QuerySet["Bot"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The one place where membership decides what somebody sees."""
        if not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(memberships__user=user)

    def with_member_count(self) -> Self:
        return self.annotate(member_count=models.Count("memberships"))

    def by_name(self) -> Self:
        return self.order_by("name", "pk")


class Bot(models.Model):
    """One chatbot. The slug never changes, so that links to it stay right."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Empty until the first end user is heard of.
    sealed_salt = models.TextField(
        default="", editable=False, help_text="Fernet ciphertext; what pseudonyms are made with."
    )

    objects = BotQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(BotOwnedQuerySet["Membership"]):
    def held_by(self, user: User) -> Self:
        return self.filter(user=user).select_related("bot").order_by("bot__name", "pk")

    def active_admins(self) -> Self:
        return self.filter(role=Role.ADMIN, user__is_active=True)

    def by_username(self) -> Self:
        return self.order_by("user__username", "pk")


@remembered("bot", "user", "role")
class Membership(models.Model):
    """One person works on one bot, in one role."""

    bot = models.ForeignKey(Bot, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=9, choices=Role)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bot", "user"], name="one_membership_per_person_and_bot"
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="membership_role_is_on_the_ladder"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.bot_id}: {self.role}"


class State(models.TextChoices):
    """What became of a key or a secret."""

    LIVE = "live", "Live"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


class Scope(models.TextChoices):
    """What a bot may do with a key."""

    PREDICT = "predict", "Ask for predictions"
    FEEDBACK = "feedback", "Send feedback"
    READ = "read", "Read results"


class ApiKeyQuerySet(BotOwnedQuerySet["ApiKey"]):
    def live(self, *, at: datetime) -> Self:
        return self.filter(revoked_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=at))

    def unused_since(self, moment: datetime) -> Self:
        return self.filter(Q(last_used_at=None) | Q(last_used_at__lt=moment))

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class ApiKey(BotOwned):
    """A key that a bot shows to the API. Only its SHA-256 is kept, so it is shown once.

    It belongs to the bot: it goes on when the person who made it is deactivated.
    """

    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=8, db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=8, choices=Scope))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="api_key_has_a_scope"),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")),
                name="api_key_expires_after_it_was_made",
            ),
        ]
        indexes = [models.Index(fields=["bot", "-created_at"], name="api_key_newest_of_bot")]

    def __str__(self) -> str:
        return f"ll_{self.prefix}_…"

    @property
    def state(self) -> State:
        if self.revoked_at:
            return State.REVOKED
        if self.expires_at and self.expires_at <= timezone.now():
            return State.EXPIRED
        return State.LIVE

    @property
    def is_live(self) -> bool:
        return self.state == State.LIVE

    @property
    def lifetime(self) -> timedelta | None:
        return self.expires_at - self.created_at if self.expires_at else None


class WebhookSecretQuerySet(BotOwnedQuerySet["WebhookSecret"]):
    def live(self) -> Self:
        return self.filter(revoked_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class WebhookSecret(BotOwned):
    """What a bot signs its events with (Standard Webhooks).

    It is needed to check signatures, so it is kept, encrypted, until it is revoked.
    """

    prefix = models.CharField(max_length=10)
    sealed = models.TextField(help_text="Fernet ciphertext; empty once revoked.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True)

    objects = WebhookSecretQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at=None, sealed__gt="")
                | Q(revoked_at__isnull=False, sealed=""),
                name="webhook_secret_is_kept_until_revoked",
            ),
        ]
        indexes = [models.Index(fields=["bot", "-created_at"], name="webhook_secret_newest_of_bot")]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def state(self) -> State:
        return State.REVOKED if self.revoked_at else State.LIVE

    @property
    def is_live(self) -> bool:
        return self.state == State.LIVE


class AuthenticatorQuerySet(models.QuerySet["Authenticator"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def in_use(self) -> Self:
        return self.filter(confirmed=True)

    def being_set_up(self, *, at: datetime) -> Self:
        """Those whose secret may still be shown, because no code has confirmed them yet."""
        return self.filter(confirmed=False, created_at__gt=at - SETUP_LASTS)


class AuthenticatorManager(DeviceManager.from_queryset(AuthenticatorQuerySet)):  # type: ignore[misc]
    pass


class Authenticator(TOTPDevice):  # type: ignore[misc]
    """An app on somebody's phone whose codes their login asks for. Each person has one at most.

    The secret that both sides count with is sealed; the `key` of TOTPDevice, which would
    hold it for everybody to read, stays empty.
    """

    sealed = models.TextField(help_text="Fernet ciphertext of the secret in hex.")

    objects: ClassVar[AuthenticatorManager] = AuthenticatorManager()

    @property
    def bin_key(self) -> bytes:
        return bytes.fromhex(unseal(self.sealed))

    @property
    def secret(self) -> str:
        """The secret as apps take it from people."""
        return b32encode(self.bin_key).decode()

    @property
    def config_url(self) -> str:
        """The secret as apps take it from a picture."""
        label = quote(f"{ISSUER}:{self.user.username}")
        return f"otpauth://totp/{label}?{urlencode({'secret': self.secret, 'issuer': ISSUER})}"
