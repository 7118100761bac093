"""Who is asking, and about which bot."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import pghistory
import structlog
from django.conf import settings
from django.contrib.auth import middleware as django_middleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    UnreadablePostError,
)
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

from accounts import second_factors
from accounts.models import Bot, User
from accounts.refusals import is_for_programs, login_needed
from accounts.requests import PersonRequest
from accounts.views.coming_back import in_same_bot

GetResponse = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True)
class Step:
    """A page that somebody has to get through before they may open anything else."""

    page: str
    also_open: frozenset[str] = frozenset({"accounts:logout"})

    def lets_open(self, name: str) -> bool:
        return name == self.page or name in self.also_open


NEW_PASSWORD = Step("accounts:password")
SECOND_FACTOR = Step(
    "accounts:second_factor",
    frozenset(
        {"accounts:logout", "accounts:start_second_factor", "accounts:confirm_second_factor"}
    ),
)
# The schema and its page show no data, but they are for people; everything else under
# the API takes a key and says so itself.
API_FOR_PEOPLE = {"openapi-json", "openapi-view"}


class LoginRequiredMiddleware(django_middleware.LoginRequiredMiddleware):
    """Every view needs a login unless it is marked `login_not_required`."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if _takes_a_key(request) or not getattr(view_func, "login_required", True):
            return None
        step = _step_before_all_else(request)
        if step and not step.lets_open(_route(request)):
            return _send_to(request, resolve_url(step.page))
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]  # not always a redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        return _send_to(request, resolve_url(self.get_login_url(view_func)))


def _takes_a_key(request: HttpRequest) -> bool:
    match = request.resolver_match
    return (
        match is not None
        and match.app_names[-1:] == ["ninja"]
        and match.url_name not in API_FOR_PEOPLE
    )


def _route(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _step_before_all_else(request: HttpRequest) -> Step | None:
    if not request.user.is_authenticated:
        return None
    if request.user.must_change_password:
        return NEW_PASSWORD
    return SECOND_FACTOR if _lacks_second_factor(request.user) else None


def _lacks_second_factor(user: User) -> bool:
    """Whether `user` needs one and has none. Asks the database only about those who need one."""
    return (
        settings.ADMINS_NEED_SECOND_FACTOR
        and (user.is_admin_anywhere or user.is_auditor)
        and user.otp_device is None
        and not second_factors.is_on(user)
    )


def _send_to(request: HttpRequest, url: str) -> HttpResponseBase:
    """Send the whole page to `url`, from where it comes back."""
    if is_for_programs(request.path):
        return login_needed().response()
    redirect = redirect_to_login(_page(cast(PersonRequest, request)), url)
    if cast(PersonRequest, request).htmx:
        # A redirect would be followed by the fragment alone: a login form inside a card.
        return HttpResponseClientRedirect(redirect.url)
    return redirect


def _page(request: PersonRequest) -> str:
    """The page somebody is looking at: coming back to the target of a form would fail."""
    if request.htmx:
        return request.htmx.current_url_abs_path or settings.LOGIN_REDIRECT_URL
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    before = urlsplit(request.headers.get("Referer", ""))
    if before.netloc != request.get_host():
        return settings.LOGIN_REDIRECT_URL
    return f"{before.path}?{before.query}" if before.query else before.path


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def remember_who(get_response: GetResponse) -> GetResponse:
    """Let histories say who changed something, and in which request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in SAFE:
            return get_response(request)
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        with pghistory.context(by=request.user.pk, request=request_id):
            return get_response(request)

    return middleware


def current_bot(get_response: GetResponse) -> GetResponse:
    """Say which bot a request is about.

    It is the one that the address names (`?bot=`), else the form (`bot`), else the chosen
    one, else the first. The form comes before the choice because another tab may have chosen
    since the page was shown.

    Sets `request.bot`, `request.bots`, `request.named_bot` and `request.user.membership` from
    what was read with the person, and keeps redirects in a bot that was named.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        _refuse_nul(request)
        asking = cast(PersonRequest, request)
        asking.bot, asking.bots, asking.named_bot = None, [], None
        if request.user.is_authenticated:
            asking.bots = request.user.bots
            asking.named_bot = _named(asking)
            asking.bot = asking.named_bot or _chosen(asking)
            if asking.bot:
                request.user.membership = request.user.membership_by_bot.get(asking.bot.pk)
        response = get_response(request)
        if "Location" in response:
            response["Location"] = in_same_bot(request, response["Location"])
        return response

    return middleware


def _refuse_nul(request: HttpRequest) -> None:
    # PostgreSQL stores no NUL, and every view hands its query to the database.
    if "\0" in unquote(request.META.get("QUERY_STRING", "")):
        raise BadRequest("The address holds a character that cannot be looked for.")


def _named(request: PersonRequest) -> Bot | None:
    slug = request.GET.get("bot")
    if slug is None:
        slug = _named_by_form(request)
    if slug is None:
        return None
    found = next((bot for bot in request.bots if bot.slug == slug), None)
    if found is None:
        raise Http404
    return found


def _named_by_form(request: PersonRequest) -> str | None:
    if is_for_programs(request.path):
        return None
    try:
        # Empty unless a form was posted; other bodies are not even read.
        return request.POST.get("bot")
    except UnreadablePostError as error:
        raise BadRequest("The form did not arrive in full.") from error


def _chosen(request: PersonRequest) -> Bot | None:
    kept = request.session.get("bot")
    first = request.bots[0] if request.bots else None
    return next((bot for bot in request.bots if bot.pk == kept), first)
