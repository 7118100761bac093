"""Where a form goes on to when it is done."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme


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
