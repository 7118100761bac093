"""Pages that belong to no room: the first one."""

from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from jobs.models import Job, Process
from learnloop import overview
from replay.models import Replay

State = Job.State


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """The loop on one page: what came in, what waits, what was learned, what answers."""
    shown = {"work": _work(request), "missing": _missing(), "keep_days": settings.JOB_KEEP_DAYS}
    return render(request, "learnloop/home.html", shown | _loop(request))


def _loop(request: PersonRequest) -> dict[str, Any]:
    """What somebody may see of their bot; nothing without one."""
    bot, may = request.bot, request.user.has_perm
    if bot is None or not may("annotation.view_reviewitem"):
        return {}
    now = timezone.now()
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "heard": overview.heard(bot, now=now),
        "labelled": overview.labelled(bot, reader=request.user, today=today),
        "learned": overview.learned(bot),
        "steps": overview.steps(bot),
        "replayed": may("replay.view_replay") and Replay.objects.of(bot).newest_first().first(),
        "most": overview.MOST_COUNTED,
    }


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
