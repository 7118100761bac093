"""Making and renaming bots."""

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import Bot, Membership, User
from accounts.roles import Role
from accounts.security_log import record

SLUG_LENGTH = 50


@transaction.atomic
def create(*, name: str, by: User) -> Bot:
    """Make a bot with `by` as its first admin."""
    bot = _with_free_slug(name)
    Membership.objects.create(bot=bot, user=by, role=Role.ADMIN)
    record("bot_created", by=by, bot_id=bot.pk)
    return bot


@transaction.atomic
def rename(bot: Bot, *, name: str, by: User) -> None:
    if Bot.objects.filter(pk=bot.pk).exclude(name=name).update(name=name):
        record("bot_renamed", by=by, bot_id=bot.pk)


def _with_free_slug(name: str) -> Bot:
    wanted = slugify(name)[:SLUG_LENGTH].strip("-") or "bot"
    slug, number = wanted, 1
    while True:
        try:
            with transaction.atomic():
                return Bot.objects.create(name=name, slug=slug)
        except IntegrityError:
            number += 1
            slug = f"{wanted}-{number}"
