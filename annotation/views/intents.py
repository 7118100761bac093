"""The intents of the current bot: the list, one of them, making, changing, archiving."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed
from annotation import aliases, archiving, clashes, guidelines, word_listing, wording
from annotation.models import Intent
from annotation.models.intents import Colour
from annotation.word_forms import FindWordsForm, IntentForm, NewIntentForm

may_view = permission_required("annotation.view_intent", raise_exception=True)
may_change = permission_required("annotation.change_intent", raise_exception=True)


@require_safe
@may_view
@bot_needed
def intent_list(request: BotRequest) -> HttpResponse:
    form = FindWordsForm(request.GET)
    of_bot = Intent.objects.of(request.bot).matching(form.words).comparable().by_name()
    page = page_of(of_bot.archived() if form.archived else of_bot.in_use(), request)
    rows = word_listing.intent_rows(request.bot, list(page))
    return render(request, "annotation/intents.html", {"form": form, "page": page, "rows": rows})


@require_safe
@may_view
@bot_needed
def intent(request: BotRequest, intent_id: int) -> HttpResponse:
    return _page(request, intent_of(request, intent_id))


@require_safe
@may_view
@bot_needed
def guideline(request: BotRequest, intent_id: int) -> HttpResponse:
    """The guideline alone, for the drawer of the review screen."""
    found = guidelines.of_intent(
        intent_of(request, intent_id), most=guidelines.MOST_EXAMPLES_BESIDE
    )
    return render(request, "annotation/_guideline.html", {"guideline": found})


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def new(request: BotRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, NewIntentForm(initial={"colour": Colour.ONE}))
    form = NewIntentForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        made = wording.create_intent(request.bot, by=request.user, **form.fields_of_word())
    except clashes.NotStored as refusal:
        form.add_error(refusal.field, str(refusal))
        return _form(request, form, status=422)
    messages.success(request, f"{made.name} was made, and can be chosen from now on.")
    return redirect("annotation:intent", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def edit(request: BotRequest, intent_id: int) -> HttpResponse:
    found = intent_of(request, intent_id)
    if request.method != "POST":
        return _form(request, IntentForm.of(found), intent=found)
    form = IntentForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422, intent=found)
    try:
        typed = form.fields_of_word()
        wording.change_intent(found, by=request.user, seen=form.seen_by_them, **typed)
    except clashes.NotStored as refusal:
        form.add_error(refusal.field, str(refusal))
        return _form(request, form, status=422, intent=found)
    except clashes.ChangedMeanwhile:
        form.show_again(found)
        return _form(request, form, status=409, intent=found, refused=clashes.CHANGED)
    messages.success(request, f"{found.name} was saved.")
    return redirect("annotation:intent", found.pk)


@require_POST
@may_change
@bot_needed
def archive(request: BotRequest, intent_id: int) -> HttpResponse:
    found = intent_of(request, intent_id)
    archiving.archive(found, by=request.user)
    messages.success(request, f"{found.name} is archived. Labels that have it stay as they are.")
    return redirect("annotation:intent", found.pk)


@require_POST
@may_change
@bot_needed
def bring_back(request: BotRequest, intent_id: int) -> HttpResponse:
    found = intent_of(request, intent_id)
    try:
        archiving.bring_back(found, by=request.user)
    except clashes.NotStored as refusal:
        return _page(request, found, status=422, refused=str(refusal))
    messages.success(request, f"{found.name} can be chosen again.")
    return redirect("annotation:intent", found.pk)


def intent_of(request: BotRequest, intent_id: int) -> Intent:
    of_bot = Intent.objects.of(request.bot).select_related("bot", "created_by")
    return get_object_or_404(of_bot.comparable(), pk=intent_id)


def _page(
    request: BotRequest, intent: Intent, *, status: int = 200, refused: str = ""
) -> HttpResponse:
    page = {
        "row": word_listing.intent_rows(request.bot, [intent])[0],
        "guideline": guidelines.of_intent(intent),
        "aliases": list(intent.aliases.select_related("change").order_by("name")),
        "part_of": aliases.part_of(intent) if intent.archived_at else None,
        "refused": refused,
    }
    return render(request, "annotation/intent.html", page, status=status)


def _form(request: BotRequest, form: IntentForm, *, status: int = 200, **page: Any) -> HttpResponse:
    return render(request, "annotation/edit_intent.html", {"form": form, **page}, status=status)
