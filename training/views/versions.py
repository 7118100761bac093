"""The model versions of the current bot, with plain figures."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed
from training import deploying, noticing, reporting, run_listing
from training.jobs import request_check
from training.views.reports import version_of

ASKED = "The artifact is being read. How that went is on this page in a moment."

may_view = permission_required("training.view_modelversion", raise_exception=True)
may_check = permission_required("training.add_trainingrun", raise_exception=True)


@require_safe
@may_view
@bot_needed
def model_list(request: BotRequest) -> HttpResponse:
    page = page_of(reporting.versions_of(request.bot), request)
    live, notices = deploying.live(request.bot), noticing.notices_of(request.bot)
    shown = {"page": page, "live": live, "notices": notices}
    return render(request, "training/model_versions.html", shown)


@require_safe
@may_view
@bot_needed
def artifact_card(request: BotRequest, version_id: int) -> HttpResponse:
    """What is known of its artifact, which the page asks for while that is checked."""
    version = version_of(request, version_id)
    shown = {"version": version, "check": run_listing.checks_of(version)}
    return render(request, "training/_artifact.html", shown)


@require_POST
@may_check
@bot_needed
def check(request: BotRequest, version_id: int) -> HttpResponse:
    version = version_of(request, version_id)
    request_check(version, by=request.user)
    messages.success(request, ASKED)
    return redirect(in_same_bot(request, reverse("training:model", args=[version.pk])))
