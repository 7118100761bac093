"""Intents and entity types as files: out, and in after a look at what would change."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import BotRequest
from accounts.security_log import record
from accounts.views.tabs import bot_needed
from annotation.exchange import applying, exporting, planning
from annotation.exchange.formats import FORMATS
from annotation.exchange.forms import AgreedForm, ImportForm

NOT_IN_FULL = (
    "Nothing was stored: the file did not arrive in full the second time. Choose it once more."
)
CHANGED = (
    "Nothing was stored: somebody changed intents or entity types while you looked. This is what "
    "the file would do now."
)


@require_safe
@permission_required("annotation.view_intent", raise_exception=True)
@bot_needed
def export_words(request: BotRequest) -> HttpResponse:
    wanted = request.GET.get("format", "csv")
    format = FORMATS.get(wanted)
    if format is None:
        raise Http404
    record("intents_exported", by=request.user, bot_id=request.bot.pk, format=wanted)
    name = f"{request.bot.slug}-intents{format.endings[0]}"
    return HttpResponse(
        format.bytes_of(exporting.entries_of(request.bot)),
        content_type=f"{format.content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("annotation.change_intent", raise_exception=True)
@bot_needed
def import_words(request: BotRequest) -> HttpResponse:
    """Take a file and show what it would do; do it once somebody has agreed."""
    if request.method != "POST":
        return _page(request, form=ImportForm())
    if "plan" in request.POST:
        return _apply(request)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    plan = planning.plan(request.bot, form.pile)
    return _page(request, plan=plan, agreed=form.agreeing_to(plan))


def _apply(request: BotRequest) -> HttpResponse:
    form = AgreedForm(request.POST)
    if not form.is_valid():
        return _page(request, form=ImportForm(), refused=NOT_IN_FULL, status=422)
    shown = form.cleaned_data["plan"]
    try:
        done = applying.apply(request.bot, form.pile, by=request.user, shown=shown)
    except applying.PlanChanged:
        plan = planning.plan(request.bot, form.pile)
        again = {"plan": plan, "agreed": form.agreeing_to(plan), "refused": CHANGED}
        return _page(request, status=409, **again)
    messages.success(request, f"Imported: {len(done.new):,} new, {len(done.changed):,} changed.")
    return redirect("annotation:intents")


def _page(request: BotRequest, *, status: int = 200, **page: Any) -> HttpResponse:
    return render(request, "annotation/import.html", page, status=status)
