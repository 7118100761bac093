"""Erasing an end user of the current bot."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import NulInWords
from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed, render_tab
from ingest import erasing
from ingest.events import LONGEST_REFERENCE

may_erase = permission_required("ingest.erase_end_user", raise_exception=True)


class EndUserForm(NulInWords, forms.Form):
    user_id = forms.CharField(
        label="End user",
        max_length=LONGEST_REFERENCE,
        strip=False,
        help_text="The user_id that the bot sends, letter by letter. It is not stored here.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@may_erase
@bot_needed
@never_cache
def erasure(request: BotRequest) -> HttpResponse:
    """Ask for an end user, and show what would go. By POST: an id belongs in no address."""
    if request.method != "POST":
        return _page(request, form=EndUserForm())
    form = EndUserForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    count = erasing.conversations_of(request.bot, form.cleaned_data["user_id"])
    return _page(request, form=form, asked=form.cleaned_data["user_id"], count=count)


@require_POST
@may_erase
@bot_needed
def erase(request: BotRequest) -> HttpResponse:
    form = EndUserForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    job = erasing.request_erasure(request.bot, form.cleaned_data["user_id"], by=request.user)
    messages.success(
        request,
        "From now on nothing that this end user said is taken in again. "
        f"What is stored is being deleted (job {job.pk}).",
    )
    return redirect("ingest:erasure")


def _page(request: BotRequest, *, status: int = 200, **page: Any) -> HttpResponse:
    return render_tab(request, "ingest/erasure.html", page, status=status)
