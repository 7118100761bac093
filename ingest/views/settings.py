"""How the events of the current bot are taken in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed, render_tab
from ingest import configuring, previewing
from ingest.forms import IntakeForm
from ingest.senders import settings_of

SAVED = "Saved. It holds for what comes in from now on."
FOUND_AGAIN = (
    "Saved. Signals of the last 30 days are being found again: the numbers change for a while."
)

NOT_COUNTED = "Nothing was counted. Mend these, then press Preview again."
COUNTS = "ingest/_settings_preview.html"

may_change = permission_required("ingest.change_intake", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def intake_settings(request: BotRequest) -> HttpResponse:
    """Show and save the settings; without scripts also count what they would flag."""
    settings = settings_of(request.bot)
    if request.method != "POST":
        return _page(request, IntakeForm(settings=settings))
    form = IntakeForm(request.POST, settings=settings)
    if not form.is_valid():
        return _page(request, form, status=422)
    if "preview" in request.POST:
        return _page(request, form, **_preview(request, form))
    again = configuring.change_intake(request.bot, by=request.user, **form.wanted())
    messages.success(request, FOUND_AGAIN if again else SAVED)
    return redirect("ingest:settings")


@require_POST
@may_change
@bot_needed
def preview(request: BotRequest) -> HttpResponse:
    """The counts alone, which take their places in the table that is on the page."""
    form = IntakeForm(request.POST, settings=settings_of(request.bot))
    form.refused = NOT_COUNTED
    if not form.is_valid():
        return render(request, COUNTS, {"form": form}, status=422)
    return render(request, COUNTS, {"form": form, **_preview(request, form)})


def _preview(request: BotRequest, form: IntakeForm) -> dict[str, Any]:
    try:
        counts = previewing.count_flagged(request.bot, rules=form.rules())
    except previewing.TookTooLong:
        return {"too_long": True}
    return {"counted": True, "rows": form.signal_rows(counts)}


def _page(
    request: BotRequest, form: IntakeForm, *, status: int = 200, **preview: Any
) -> HttpResponse:
    page = {"form": form, "intake": settings_of(request.bot), "rows": form.signal_rows()}
    return render_tab(request, "ingest/settings.html", page | preview, status=status)
