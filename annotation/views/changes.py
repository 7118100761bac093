"""Changes of intents: the list, one of them, picking labels for a split, and undoing."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed
from annotation import change_listing
from annotation.change_forms import FindLabelsForm, PicksForm, RestForm
from annotation.clashes import NotStored
from annotation.models import IntentChange
from annotation.refactoring import beginning, restoring, splitting
from annotation.refactoring.restoring import NotUndone
from annotation.refactoring.splitting import NoDraft
from annotation.views.intents import may_change

State = IntentChange.State

NO_DRAFT = (
    "Nothing was changed: this split was begun, or dropped, meanwhile. This is how it stands now."
)
PICKED_ALL = "{number:,} more picked."
DROPPED = "The split was dropped. No label was changed."


@require_safe
@may_change
@bot_needed
def change_list(request: BotRequest) -> HttpResponse:
    page = page_of(change_listing.changes_of(request.bot).newest_first(), request)
    return render(request, "annotation/changes.html", {"page": page})


@require_safe
@may_change
@bot_needed
def change(request: BotRequest, change_id: int) -> HttpResponse:
    return _page(request, _change(request, change_id))


@require_safe
@may_change
@bot_needed
def card(request: BotRequest, change_id: int) -> HttpResponse:
    """How far it is, which its page asks for while it is at work."""
    page = {"change": _change(request, change_id)}
    return render(request, "annotation/_change_card.html", page)


@require_POST
@may_change
@bot_needed
def undo(request: BotRequest, change_id: int) -> HttpResponse:
    found = _change(request, change_id)
    try:
        restoring.undo(found, by=request.user)
    except (NotUndone, NotStored) as refusal:
        return _page(request, _change(request, change_id), status=409, refused=str(refusal))
    return redirect("annotation:intent_change", found.pk)


@require_POST
@may_change
@bot_needed
def go_on(request: BotRequest, change_id: int) -> HttpResponse:
    """Have a job do what is left of a change whose job was stopped."""
    found = _change(request, change_id)
    beginning.go_on(found, by=request.user)
    return redirect("annotation:intent_change", found.pk)


# ── splits that are drafts ────────────────────────────────────────────────────────────


@require_POST
@may_change
@bot_needed
def pick(request: BotRequest, change_id: int) -> HttpResponse:
    """Keep what is picked on one page of the list, or pick all that say something."""
    found, form = _change(request, change_id), PicksForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, refused=form.refused)
    try:
        if form.cleaned_data["what"] == "none":
            splitting.pick_none(found)
        else:
            splitting.pick(found, form.cleaned_data["label"], shown=form.cleaned_data["shown"])
        if form.cleaned_data["what"] == "all":
            number = splitting.pick_all(found, words=form.cleaned_data["q"])
            messages.success(request, PICKED_ALL.format(number=number))
    except NoDraft:
        return _page(request, _change(request, change_id), status=409, refused=NO_DRAFT)
    return redirect(_back_to_list(request, found))


@require_POST
@may_change
@bot_needed
def carry_out(request: BotRequest, change_id: int) -> HttpResponse:
    """Split: what is ticked on the page counts too. From now on a job moves what was picked."""
    found, form = _change(request, change_id), RestForm(request.POST)
    picks = PicksForm(request.POST)
    if not form.is_valid() or not picks.is_valid():
        return _page(request, found, status=422, rest=form, refused=picks.refused)
    ticked = picks.cleaned_data
    try:
        splitting.pick(found, ticked["label"], shown=ticked["shown"])
        splitting.split(found, by=request.user, ask_again=form.ask_again)
    except NotStored as refusal:
        return _page(request, found, status=409, rest=form, refused=str(refusal))
    except NoDraft:
        return _page(request, _change(request, change_id), status=409, refused=NO_DRAFT)
    return redirect("annotation:intent_change", found.pk)


@require_POST
@may_change
@bot_needed
def drop(request: BotRequest, change_id: int) -> HttpResponse:
    found = _change(request, change_id)
    try:
        splitting.drop(found)
    except NoDraft:
        return _page(request, _change(request, change_id), status=409, refused=NO_DRAFT)
    messages.success(request, DROPPED)
    return redirect("annotation:intent", found.intent_id)


def _back_to_list(request: BotRequest, change: IntentChange) -> str:
    """The same part of the list, or the page that they save and go to."""
    page = request.POST.get("then") or request.POST.get("page", "")
    asked = {name: request.POST.get(name, "") for name in ("q", "show")} | {"page": page}
    query = urlencode({name: value for name, value in asked.items() if value})
    url = reverse("annotation:intent_change", args=[change.pk])
    return in_same_bot(request, f"{url}?{query}" if query else url)


def _change(request: BotRequest, change_id: int) -> IntentChange:
    return get_object_or_404(change_listing.changes_of(request.bot), pk=change_id)


def _page(
    request: BotRequest, change: IntentChange, *, status: int = 200, **page: Any
) -> HttpResponse:
    page |= {"change": change}
    if change.state != State.DRAFT:
        return render(request, "annotation/change.html", page, status=status)
    find = FindLabelsForm(request.GET)
    labels = change_listing.labels_to_pick(change, words=find.said("q"), show=find.said("show"))
    page["draft"] = change_listing.draft(change, page_of(labels, request))
    page = {"rest": RestForm(), "form": find} | page
    return render(request, "annotation/split.html", page, status=status)
