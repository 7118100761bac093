"""The training runs of the current bot: the list, starting one, one of them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed, render_tab
from jobs import requesting
from training import configuring, run_listing, starting
from training.models import TrainingRun
from training.run_forms import RunFilterForm, StartForm, TrainingForm

STARTED = "Training has been asked for. You can leave the page: it goes on."
CANCELLED = "Cancelled. What is running stops within a few seconds."
AGAIN = "Queued again, with three new tries."
SAVED = "Saved. It holds for runs that are asked for from now on."
NEW_VECTORS = "Saved. All texts get new vectors; until they have, the old ones serve."

may_view = permission_required("training.view_trainingrun", raise_exception=True)
may_train = permission_required("training.add_trainingrun", raise_exception=True)
may_change = permission_required("training.change_trainingsettings", raise_exception=True)


@require_safe
@may_view
@bot_needed
def run_list(request: BotRequest) -> HttpResponse:
    return _list(request, StartForm())


@require_safe
@may_view
@bot_needed
def run_rows(request: BotRequest) -> HttpResponse:
    """The table alone, which the page asks for while a run is live."""
    return render(request, "training/_runs.html", {"page": _page(request)})


@require_POST
@may_train
@bot_needed
def start(request: BotRequest) -> HttpResponse:
    form = StartForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    hand = TrainingRun.Trigger.HAND
    try:
        run = starting.start(request.bot, trigger=hand, by=request.user, **form.cleaned_data)
    except starting.AlreadyTraining as already:
        return _list(request, StartForm(), status=409, live=already.run)
    messages.success(request, STARTED)
    return redirect(_address(request, run))


@require_safe
@may_view
@bot_needed
def run(request: BotRequest, run_id: int) -> HttpResponse:
    return _run(request, run_id)


@require_safe
@may_view
@bot_needed
def run_card(request: BotRequest, run_id: int) -> HttpResponse:
    """One run as it stands, which its page asks for while it is live."""
    shown = _shown(_of_bot(request, run_id)) | {"polled": True}
    return render(request, "training/_run.html", shown)


@require_POST
@may_train
@bot_needed
def cancel(request: BotRequest, run_id: int) -> HttpResponse:
    found = _of_bot(request, run_id)
    try:
        requesting.cancel(found.job)
    except requesting.AlreadyEnded:
        return _run(request, run_id, status=409, too_late=True)
    messages.success(request, CANCELLED)
    return redirect(_address(request, found))


@require_POST
@may_train
@bot_needed
def retry(request: BotRequest, run_id: int) -> HttpResponse:
    found = _of_bot(request, run_id)
    try:
        requesting.retry(found.job)
    except requesting.NotFailed:
        return _run(request, run_id, status=409, not_failed=True)
    messages.success(request, AGAIN)
    return redirect(_address(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def training_settings(request: BotRequest) -> HttpResponse:
    settings = configuring.settings_of(request.bot)
    if request.method != "POST":
        form = TrainingForm(settings=settings, bot=request.bot)
        return render_tab(request, "training/settings.html", {"form": form})
    form = TrainingForm(request.POST, settings=settings, bot=request.bot)
    if not form.is_valid():
        return render_tab(request, "training/settings.html", {"form": form}, status=422)
    anew = configuring.change_training(request.bot, by=request.user, **form.cleaned_data)
    messages.success(request, NEW_VECTORS if anew else SAVED)
    return redirect("training:settings")


def _list(
    request: BotRequest, form: StartForm, *, status: int = 200, live: TrainingRun | None = None
) -> HttpResponse:
    state = run_listing.state_of(request.bot)
    shown = {"page": _page(request), "form": form, "state": state, "live": live}
    return render(request, "training/runs.html", shown, status=status)


def _page(request: BotRequest) -> run_listing.Page:
    return run_listing.page(request.bot, before=RunFilterForm(request.GET).number())


def _run(request: BotRequest, run_id: int, *, status: int = 200, **why: bool) -> HttpResponse:
    shown = _shown(_of_bot(request, run_id)) | why
    return render(request, "training/run.html", shown, status=status)


def _shown(found: TrainingRun) -> dict[str, Any]:
    return {"run": found, "job": found.job, "lines": run_listing.lines_of(found)}


def _of_bot(request: BotRequest, run_id: int) -> TrainingRun:
    of_bot = TrainingRun.objects.of(request.bot).with_what_is_shown()
    return get_object_or_404(of_bot, pk=run_id)


def _address(request: BotRequest, found: TrainingRun) -> str:
    return in_same_bot(request, reverse("training:run", args=[found.pk]))
