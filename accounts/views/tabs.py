"""The frame of the settings pages: which tabs somebody sees, and which one is open."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from accounts.views.coming_back import in_same_bot

# Label, URL name, the permission it needs, whether it is about the current bot.
TABS = (
    ("This bot", "accounts:bot_settings", "accounts.change_bot", True),
    ("Members", "accounts:members", "accounts.view_membership", True),
    ("API keys", "accounts:keys", "accounts.manage_keys", True),
    ("Webhook secrets", "accounts:webhooks", "accounts.manage_keys", True),
    ("Intake", "ingest:settings", "ingest.change_intake", True),
    ("Review", "annotation:settings", "annotation.change_reviewsettings", True),
    ("Training", "training:settings", "training.change_trainingsettings", True),
    ("Decisions", "training:decision_settings", "training.decide", True),
    ("Erase an end user", "ingest:erasure", "ingest.erase_end_user", True),
    ("All bots", "accounts:bots", "accounts.add_bot", False),
    ("People", "accounts:people", "accounts.add_user", False),
)


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: bool


def tabs_of(request: PersonRequest) -> list[Tab]:
    shown = [
        (label, reverse(name))
        for label, name, permission, of_bot in TABS
        if request.user.has_perm(permission) and (request.bot or not of_bot)
    ]
    return [
        Tab(label, in_same_bot(request, url), current=request.path.startswith(url))
        for label, url in shown
    ]


def render_tab(
    request: PersonRequest, template: str, page: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render(request, template, page | {"tabs": tabs_of(request)}, status=status)


def bot_needed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Send an operator whose install has no bot yet to where the first one is made."""

    @wraps(view)
    def with_bot(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.bot is None:
            return redirect("accounts:settings")
        return view(request, *args, **kwargs)

    return with_bot


@require_safe
def settings(request: PersonRequest) -> HttpResponse:
    """Lead to the first tab that somebody may see; say what to do where there is no bot."""
    if request.bot is None:
        return render_tab(request, "accounts/no_bot.html", {})
    tabs = tabs_of(request)
    return redirect(tabs[0].url if tabs else "accounts:account")
