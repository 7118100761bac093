"""Pages that belong to no room: the first one."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from ingest.models import Conversation
from jobs.models import Job, Process

State = Job.State
LATELY = timedelta(days=7)
MOST_COUNTED = 1000


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """The state of the house: what is being done for this bot, and who is there to do it."""
    return render(
        request,
        "learnloop/home.html",
        {
            "work": _work(request),
            "heard": _heard(request),
            "missing": _missing(),
            "keep_days": settings.JOB_KEEP_DAYS,
        },
    )


def _heard(request: PersonRequest) -> dict[str, Any] | None:
    """How much the bot said lately; None for somebody who may not see it."""
    if request.bot is None or not request.user.has_perm("ingest.view_conversation"):
        return None
    since = timezone.now() - LATELY
    lately = Conversation.objects.of(request.bot).filter(started_at__gte=since)
    figures = {
        name: rows.newest_first()[: MOST_COUNTED + 1].count()
        for name, rows in {"all": lately, "flagged": lately.exclude(signals=[])}.items()
    }
    return figures | {"since": since.date(), "most": MOST_COUNTED}


def _work(request: HttpRequest) -> dict[str, int]:
    bot = getattr(request, "bot", None)
    seen = Job.objects.seen_by(request.user, bot=bot).filter(
        state__in=[State.QUEUED, State.RUNNING, State.FAILED]
    )
    return seen.aggregate(
        waiting=Count("pk", filter=Q(state=State.QUEUED)),
        running=Count("pk", filter=Q(state=State.RUNNING)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
    )


def _missing() -> list[str]:
    """The processes that should be there and were not seen lately."""
    return [role.label for role in Process.Role if not Process.objects.alive(role).exists()]
