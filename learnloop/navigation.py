"""What every page's top bar shows."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.views.coming_back import in_same_bot


@dataclass(frozen=True)
class Destination:
    label: str
    url: str
    current: bool


# Label, URL name, the permission without which the link is not shown.
DESTINATIONS = (
    ("Loop", "home", None),
    ("Review", "annotation:queue", "annotation.view_reviewitem"),
    ("Conversations", "ingest:conversations", "ingest.view_conversation"),
    ("Intents", "annotation:intents", "annotation.view_intent"),
    ("Datasets", "training:datasets", "training.view_datasetversion"),
    ("Training", "training:runs", "training.view_trainingrun"),
    ("Models", "training:models", "training.view_modelversion"),
    ("Jobs", "jobs:list", "jobs.view_job"),
    ("Audit", "admin:index", "accounts.audit"),
    ("Settings", "accounts:settings", None),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    user, named_bot = getattr(request, "user", None), getattr(request, "named_bot", None)
    return {
        "theme": theme if theme in ("light", "dark") else "",
        "navigation": _destinations(request) if user and user.is_authenticated else [],
        "bot": getattr(request, "bot", None),
        "bots": getattr(request, "bots", []),
        "named_bot": named_bot.slug if named_bot else None,
        # Behind the address of a link: stays in the bot that this request named.
        "in_bot": in_same_bot(request, ""),
    }


def _destinations(request: HttpRequest) -> list[Destination]:
    shown = [
        (label, reverse(name))
        for label, name, permission in DESTINATIONS
        if permission is None or request.user.has_perm(permission)
    ]
    return [
        Destination(label, in_same_bot(request, url), current=_is_current(request.path, url))
        for label, url in shown
    ]


def _is_current(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
