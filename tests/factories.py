"""Rows for tests, made as the product makes them where it has a verb for it."""

from itertools import count

from accounts import keys, webhook_secrets
from accounts.models import Bot, Membership, User
from accounts.roles import Role

PASSWORD = "a calm sea at seven"

_numbers = count(1)


def make_user(username=None, *, password=PASSWORD, **fields):
    return User.objects.create_user(
        username or f"user{next(_numbers)}", password=password, **fields
    )


def make_operator(username="olga", **fields):
    return make_user(username, is_superuser=True, is_staff=True, **fields)


def make_bot(name="Bank bot", slug=None):
    return Bot.objects.create(name=name, slug=slug or f"bot-{next(_numbers)}")


def make_member(bot, role=Role.ANNOTATOR, *, username=None, **fields):
    """A person who works on `bot` as `role`."""
    user = make_user(username, **fields)
    Membership.objects.create(bot=bot, user=user, role=role)
    return user


def make_key(bot, *, by, name="web", scopes=("read",), lasts=None):
    """An IssuedKey: its `.key` is the row, its `.token` what a bot sends."""
    return keys.issue(bot, name=name, scopes=list(scopes), by=by, lasts=lasts)


def make_secret(bot, *, by):
    """An IssuedSecret: its `.secret` is the row, its `.text` what a bot signs with."""
    return webhook_secrets.issue(bot, by=by)
