"""Renaming, merging and splitting an intent: a form, what would change, and then the change."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed
from annotation import aliases, change_listing, clashes
from annotation.change_forms import ChangeForm, MergeForm, RenameForm, SplitForm
from annotation.models import Intent
from annotation.refactoring import splitting
from annotation.views.intents import intent_of, may_change

CHANGED = (
    "Nothing was changed: somebody renamed or archived an intent while you looked. This is what "
    "would change now."
)
LET_GO = "“{name}” means nothing any more. Another intent may be called so."


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def rename(request: BotRequest, intent_id: int) -> HttpResponse:
    return _change(request, intent_of(request, intent_id), RenameForm)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def merge(request: BotRequest, intent_id: int) -> HttpResponse:
    return _change(request, intent_of(request, intent_id), MergeForm)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def split(request: BotRequest, intent_id: int) -> HttpResponse:
    """Name the other intent; then labels are picked on the page of the draft."""
    intent = intent_of(request, intent_id)
    if request.method != "POST":
        return _page(request, intent, SplitForm())
    form = SplitForm(request.POST)
    if not form.is_valid():
        return _page(request, intent, form, status=422)
    try:
        draft = splitting.draft(intent, form.cleaned_data["name"], by=request.user)
    except clashes.NotStored as refusal:
        form.add_error("name", str(refusal))
        return _page(request, intent, form, status=422)
    return redirect("annotation:intent_change", draft.pk)


@require_POST
@may_change
@bot_needed
def let_go_of_name(request: BotRequest, intent_id: int) -> HttpResponse:
    """Take an old name for none of the intent any more."""
    intent = intent_of(request, intent_id)
    name = request.POST.get("name", "")
    if aliases.meant(request.bot, name) == intent:
        aliases.let_go(request.bot, name)
        messages.success(request, LET_GO.format(name=name))
    return redirect("annotation:intent", intent.pk)


def _change(request: BotRequest, intent: Intent, kind: type[ChangeForm]) -> HttpResponse:
    """Show what would change; change it once somebody has agreed to that."""
    if request.method != "POST":
        return _page(request, intent, kind(intent=intent))
    form = kind(request.POST, intent=intent)
    if not form.is_valid():
        return _page(request, intent, form, status=422)
    if not form.agreed:
        return _page(request, intent, form, preview=form.preview())
    try:
        change = form.carry_out(by=request.user)
    except clashes.ChangedMeanwhile:
        return _page(request, intent, form, status=409, preview=form.preview(), refused=CHANGED)
    except clashes.NotStored as refusal:
        form.add_error(None, str(refusal))
        return _page(request, intent, form, status=409)
    return redirect("annotation:intent_change", change.pk)


def _page(
    request: BotRequest, intent: Intent, form: Any, *, status: int = 200, **page: Any
) -> HttpResponse:
    names = (
        [] if form.kind == "rename" else change_listing.names_in_use(request.bot, besides=intent)
    )
    page |= {"intent": intent, "form": form, "kind": form.kind, "names": names}
    return render(request, "annotation/change_intent.html", page, status=status)
