"""The dataset versions of the current bot: the list, freezing, one of them, its downloads."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.security_log import record
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed
from training import cautions, listing
from training.downloads.formats import FORMATS
from training.jobs import request_freezing
from training.models import DatasetVersion

ASKED = "A version is being frozen. You can leave the page: it goes on."

may_view = permission_required("training.view_datasetversion", raise_exception=True)
may_freeze = permission_required("training.add_datasetversion", raise_exception=True)
may_export = permission_required("training.export_datasetversion", raise_exception=True)


@require_safe
@may_view
@bot_needed
def version_list(request: BotRequest) -> HttpResponse:
    return render(request, "training/datasets.html", _list(request))


@require_safe
@may_view
@bot_needed
def version_rows(request: BotRequest) -> HttpResponse:
    """The table alone, which the page asks for while a version is being frozen."""
    return render(request, "training/_versions.html", _list(request))


@require_POST
@may_freeze
@bot_needed
def freeze(request: BotRequest) -> HttpResponse:
    request_freezing(request.bot, by=request.user)
    messages.success(request, ASKED)
    return redirect("training:datasets")


@require_safe
@may_view
@bot_needed
def version(request: BotRequest, version_id: int) -> HttpResponse:
    found = version_of(request, version_id)
    rows = page_of(found.intents.order_by("place"), request)
    shown = {
        "version": found,
        "page": rows,
        "cautions": cautions.cautions_of(found) if found.frozen_at else [],
        "left_out": cautions.reasons_of(_left_out(found)),
        "formats": FORMATS,
        "audit_url": in_same_bot(request, f"{reverse('annotation:queue')}?lane=audit"),
    }
    return render(request, "training/dataset.html", shown)


@require_safe
@may_export
@bot_needed
def download(request: BotRequest, version_id: int) -> HttpResponseBase:
    found = version_of(request, version_id)
    wanted = request.GET.get("format", "huggingface")
    format = FORMATS.get(wanted)
    if format is None or found.sealed_at is None:
        raise Http404
    record(
        "dataset_exported", by=request.user, bot_id=found.bot_id, version_id=found.pk, format=wanted
    )
    name = f"{request.bot.slug}-v{found.number}{format.ending}"
    return StreamingHttpResponse(
        format.stream(found),
        content_type=format.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def version_of(request: BotRequest, version_id: int) -> DatasetVersion:
    of_bot = DatasetVersion.objects.of(request.bot)
    return get_object_or_404(of_bot.select_related("bot", "before", "created_by"), pk=version_id)


def _list(request: BotRequest) -> dict[str, Any]:
    of_bot = DatasetVersion.objects.of(request.bot).select_related("created_by")
    job = listing.newest_freezing(request.bot)
    return {"page": page_of(of_bot.newest_first(), request), "job": job}


def _left_out(version: DatasetVersion) -> dict[str, int]:
    """Of all intents together."""
    total: dict[str, int] = {}
    for left_out in version.intents.values_list("left_out", flat=True):
        for fate, rows in left_out.items():
            total[fate] = total.get(fate, 0) + rows
    return total
