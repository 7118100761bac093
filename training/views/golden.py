"""Golden cases: what every version is asked."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot, next_page
from accounts.views.tabs import bot_needed
from training import golden
from training.models import GoldenCase
from training.report_forms import GoldenForm

KEPT = "Kept as a golden case. Every version is asked this from its next report on."
ARCHIVED = "Archived. No version is asked this any more; reports that were stay as they are."
ALREADY = "A case of this turn is in use already."
TOO_MANY = "500 cases are in use, and that is the most. Archive one first. Nothing was kept."
NOTHING = "The turn has no words or no label yet, so nothing could be expected. Label it first."

may_view = permission_required("training.view_goldencase", raise_exception=True)
may_keep = permission_required("training.add_goldencase", raise_exception=True)


@require_safe
@may_view
@bot_needed
def golden_list(request: BotRequest) -> HttpResponse:
    archived = request.GET.get("state") == "archived"
    cases = GoldenCase.objects.of(request.bot).select_related("intent", "created_by", "turn")
    cases = cases.archived() if archived else cases.in_use()
    shown = {"page": page_of(cases.newest_first(), request), "archived": archived}
    return render(request, "training/golden.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@may_keep
@bot_needed
def new_case(request: BotRequest) -> HttpResponse:
    form = GoldenForm(request.POST if request.method == "POST" else None, bot=request.bot)
    if request.method != "POST":
        return render(request, "training/new_golden.html", {"form": form})
    if not form.is_valid():
        return render(request, "training/new_golden.html", {"form": form}, status=422)
    try:
        golden.keep(request.bot, by=request.user, **form.cleaned_data)
    except golden.TooMany:
        form.add_error(None, TOO_MANY)
        return render(request, "training/new_golden.html", {"form": form}, status=409)
    messages.success(request, KEPT)
    return redirect(_list(request))


@require_POST
@may_keep
@bot_needed
def keep_turn(request: BotRequest, turn_id: UUID) -> HttpResponse:
    """Make a case of a turn, at one click, and go back to where that was."""
    try:
        golden.keep_turn(request.bot, turn_id, by=request.user)
        messages.success(request, KEPT)
    except golden.AlreadyKept:
        messages.info(request, ALREADY)
    except golden.TooMany:
        messages.error(request, TOO_MANY)
    except golden.NothingToKeep:
        messages.error(request, NOTHING)
    return redirect(next_page(request) if "next" in request.POST else _list(request))


@require_POST
@may_keep
@bot_needed
def archive(request: BotRequest, case_id: int) -> HttpResponse:
    case = get_object_or_404(GoldenCase.objects.of(request.bot), pk=case_id)
    golden.archive(case, by=request.user)
    messages.success(request, ARCHIVED)
    return redirect(_list(request))


def _list(request: BotRequest) -> str:
    return in_same_bot(request, reverse("training:golden"))
