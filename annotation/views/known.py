"""Known turns: which ones somebody may be asked about without knowing it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed
from annotation import knowing
from annotation.configuring import settings_of
from annotation.known_forms import KnownForm
from annotation.models import KnownTurn
from ingest.models import Turn

MARKED = "Others may be asked about it from now on."
BARRED = "Nobody is asked about it any more. Answers that were given stay."
NOTHING = "Nothing was changed: the turn has no label of its own any more."
CHOOSE = "Nothing was changed: the form was not whole. Press one of the buttons again."
LABELS = "labels"

may_adjudicate = permission_required("annotation.adjudicate", raise_exception=True)


@require_safe
@may_adjudicate
@bot_needed
def known(request: BotRequest) -> HttpResponse:
    counts = knowing.counts(request.bot)
    sources = [(source, counts.get(source, 0)) for source in KnownTurn.Source]
    shown = {"sources": sources, "share": settings_of(request.bot).question_percent}
    source = request.GET.get("source", "")
    if source not in KnownTurn.Source.values:
        before = _number(request.GET.get("before", ""))
        page = knowing.labels(request.bot, before=before)
        listed = {"source": LABELS, "labels": page, "rows": page.rows}
        return render(request, "annotation/known.html", shown | listed)
    of_source = KnownTurn.objects.of(request.bot).filter(source=source)
    turns = page_of(of_source.order_by("-created_at", "turn"), request)
    rows = knowing.known_rows(list(turns))
    page_of_source = {"source": source, "page": turns, "rows": rows}
    return render(request, "annotation/known.html", shown | page_of_source)


@require_POST
@may_adjudicate
@bot_needed
def say_known(request: BotRequest, turn_id: UUID) -> HttpResponse:
    """Have others asked about a turn, or never."""
    get_object_or_404(Turn.objects.filter(bot=request.bot), pk=turn_id)
    form = KnownForm(request.POST)
    if not form.is_valid():
        messages.error(request, CHOOSE)
        return redirect(_list(request, ""))
    source = KnownTurn.Source(form.cleaned_data["source"])
    try:
        knowing.say(request.bot, turn_id, source, by=request.user)
        messages.success(request, BARRED if source == KnownTurn.Source.BARRED else MARKED)
    except knowing.NothingKnown:
        messages.error(request, NOTHING)
    return redirect(_list(request, form.cleaned_data["shown"]))


def _list(request: BotRequest, source: str) -> str:
    url = reverse("annotation:known")
    return in_same_bot(request, f"{url}?source={source}" if source else url)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
