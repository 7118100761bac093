"""The entity types of the current bot: the list, one of them, making, changing, archiving."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed
from annotation import archiving, clashes, guidelines, word_listing, wording
from annotation.models import EntityType
from annotation.models.intents import Colour
from annotation.word_forms import EntityTypeForm, FindWordsForm, NewEntityTypeForm

may_view = permission_required("annotation.view_intent", raise_exception=True)
may_change = permission_required("annotation.change_intent", raise_exception=True)


@require_safe
@may_view
@bot_needed
def entity_type_list(request: BotRequest) -> HttpResponse:
    form = FindWordsForm(request.GET)
    of_bot = EntityType.objects.of(request.bot).matching(form.words).by_name()
    page = page_of(of_bot.archived() if form.archived else of_bot.in_use(), request)
    rows = word_listing.entity_type_rows(list(page))
    return render(
        request, "annotation/entity_types.html", {"form": form, "page": page, "rows": rows}
    )


@require_safe
@may_view
@bot_needed
def entity_type(request: BotRequest, type_id: int) -> HttpResponse:
    return _page(request, _entity_type(request, type_id))


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def new(request: BotRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, NewEntityTypeForm(initial={"colour": Colour.TWO}))
    form = NewEntityTypeForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        made = wording.create_entity_type(request.bot, by=request.user, **form.fields_of_word())
    except clashes.NotStored as refusal:
        form.add_error(refusal.field, str(refusal))
        return _form(request, form, status=422)
    messages.success(request, f"{made.name} was made, and can be marked from now on.")
    return redirect("annotation:entity_type", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def edit(request: BotRequest, type_id: int) -> HttpResponse:
    found = _entity_type(request, type_id)
    if request.method != "POST":
        return _form(request, EntityTypeForm.of(found), entity_type=found)
    form = EntityTypeForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422, entity_type=found)
    try:
        typed = form.fields_of_word()
        wording.change_entity_type(found, by=request.user, seen=form.seen_by_them, **typed)
    except clashes.NotStored as refusal:
        form.add_error(refusal.field, str(refusal))
        return _form(request, form, status=422, entity_type=found)
    except clashes.ChangedMeanwhile:
        form.show_again(found)
        return _form(request, form, status=409, entity_type=found, refused=clashes.CHANGED)
    messages.success(request, f"{found.name} was saved.")
    return redirect("annotation:entity_type", found.pk)


@require_POST
@may_change
@bot_needed
def archive(request: BotRequest, type_id: int) -> HttpResponse:
    found = _entity_type(request, type_id)
    archiving.archive(found, by=request.user)
    messages.success(request, f"{found.name} is archived. What is marked with it stays.")
    return redirect("annotation:entity_type", found.pk)


@require_POST
@may_change
@bot_needed
def bring_back(request: BotRequest, type_id: int) -> HttpResponse:
    found = _entity_type(request, type_id)
    try:
        archiving.bring_back(found, by=request.user)
    except clashes.NotStored as refusal:
        return _page(request, found, status=422, refused=str(refusal))
    messages.success(request, f"{found.name} can be marked again.")
    return redirect("annotation:entity_type", found.pk)


def _entity_type(request: BotRequest, type_id: int) -> EntityType:
    of_bot = EntityType.objects.of(request.bot).select_related("bot", "created_by")
    return get_object_or_404(of_bot, pk=type_id)


def _page(
    request: BotRequest, entity_type: EntityType, *, status: int = 200, refused: str = ""
) -> HttpResponse:
    page = {
        "row": word_listing.entity_type_rows([entity_type])[0],
        "guideline": guidelines.of_entity_type(entity_type),
        "refused": refused,
    }
    return render(request, "annotation/entity_type.html", page, status=status)


def _form(
    request: BotRequest, form: EntityTypeForm, *, status: int = 200, **page: Any
) -> HttpResponse:
    return render(
        request, "annotation/edit_entity_type.html", {"form": form, **page}, status=status
    )
