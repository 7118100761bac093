"""Requests after the middleware: what a view may rely on."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import ApiKey, Bot, User


class PersonRequest(HttpRequest):
    """Somebody is logged in."""

    user: User
    htmx: HtmxDetails
    bot: Bot | None
    bots: list[Bot]
    # The bot, if the address or the form named it: what follows then names it too.
    named_bot: Bot | None


class BotRequest(PersonRequest):
    """And there is a bot that they may see."""

    bot: Bot


class KeyRequest(HttpRequest):
    """A bot has shown its key."""

    auth: ApiKey
