"""Where a form or a link leads to."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme, urlencode


def in_same_bot(request: HttpRequest, url: str) -> str:
    """`url`, naming the bot that the request named, so that what follows stays in it."""
    bot, parts = getattr(request, "named_bot", None), urlsplit(url)
    if bot is None or parts.netloc or "bot" in QueryDict(parts.query):
        return url
    named = urlencode({"bot": bot.slug})
    return parts._replace(query=f"{parts.query}&{named}" if parts.query else named).geturl()


def next_page(request: HttpRequest) -> str:
    """The page that the form names, if it is one of ours; else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else settings.LOGIN_REDIRECT_URL


def next_page_of_any_bot(request: HttpRequest) -> str:
    """As `next_page`, but not a page about something that only the bot before has."""
    wanted = urlsplit(next_page(request))
    try:
        about_one_thing = bool(resolve(wanted.path).kwargs)
    except Resolver404:
        about_one_thing = True
    if about_one_thing:
        return settings.LOGIN_REDIRECT_URL
    query = QueryDict(wanted.query, mutable=True)
    query.pop("bot", None)
    return f"{wanted.path}?{query.urlencode()}" if query else wanted.path
