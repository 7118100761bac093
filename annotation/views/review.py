"""The review screen: one turn after the other, and what people say of it.

The page is a frame around the card. Holding a turn is a write, so the card of the next one comes
by POST; the page itself only shows what is held already.
"""

import json
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed
from annotation import (
    answering,
    cards,
    correcting,
    holding,
    pausing,
    questioning,
    undoing_together,
)
from annotation.clashes import NotStored
from annotation.filters import NAMES, QueueFilterForm
from annotation.handing_in import hand_in, hand_in_naming
from annotation.holding import Wanted
from annotation.models import Intent, ItemTurn, ReviewItem
from annotation.review_forms import AheadForm, AnswerForm
from annotation.undoing_together import undo_group

may_review = permission_required("annotation.add_annotation", raise_exception=True)

CARD = "annotation/_card.html"
SAVED_AHEAD = "ahead"  # the page shows the card that it has fetched before
MOST_ALIKE = 50

HOLD_LOST = (
    "Your answer was not saved: this turn is not yours any more. Its 15 minutes were over, or it "
    "was answered meanwhile, perhaps by you in another window. What you typed is still here, to "
    "be copied; then go on with the next turn."
)
NOTHING_TO_UNDO = "There is nothing to take back: at most ten answers in a row can be undone."
TOO_LATE = (
    "That answer cannot be taken back any more: somebody has gone on with it since. "
    "A reviewer can still correct it."
)
INTENT_GONE = (
    "Nothing was saved: the intent that you chose is not in use any more. Choose another one."
)
TYPE_GONE = (
    "Nothing was saved: a type that you marked with is not in use any more. Remove that mark."
)
SPAN_MOVED = (
    "Nothing was saved: what you marked is not what stands at that place in the text. "
    "Remove the mark, and mark it again."
)
SENT_BEFORE = "This answer was saved before, for another turn. Go on with the next one."


@require_safe
@may_review
@bot_needed
def review(request: BotRequest) -> HttpResponse:
    """The page, with the turn that they hold if there is one."""
    if pausing.current(request.user, bot=request.bot):
        return _paused(request)
    # With filters the queue is asked, which knows what fits.
    return _page(request, None if _wanted(request).is_narrow else _held(request))


def _held(request: BotRequest) -> ReviewItem | None:
    held = ReviewItem.objects.of(request.bot).held_by(request.user).most_useful_first()
    return held.first() or questioning.open_question(request.user, bot=request.bot)


@require_POST
@may_review
@bot_needed
def take(request: BotRequest) -> HttpResponse:
    """Hold the next turn, and show it."""
    try:
        card = _next(request)
    except holding.Paused:
        return _paused(request)
    if not request.htmx:
        return redirect(_review_url(request)) if card else _page(request, None)
    return _card(request, card)


@require_POST
@may_review
@bot_needed
def ahead(request: BotRequest) -> HttpResponse:
    """Hold the turn after the one that is on the page, so that it is there at once."""
    form = AheadForm(request.POST)
    try:
        card = _next(request, besides=form.besides)
    except holding.Paused:
        card = None  # they are told when they ask for it
    return _card(request, card) if card else HttpResponse(status=204)


@require_POST
@may_review
@bot_needed
def answer(request: BotRequest, item_id: int) -> HttpResponse:
    """Store one answer, and move on to the next turn."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _refused(request, item_id, form, _first_of(form), status=422)
    try:
        named = _stored(request, item_id, form)
    except (holding.Taken, holding.Gone, holding.HoldLost):
        return _refused(request, item_id, form, HOLD_LOST, status=409)
    except answering.SubmissionUsed:
        return _refused(request, item_id, form, SENT_BEFORE, status=409)
    except NotUsable as sentence:
        return _refused(request, item_id, form, str(sentence), status=422)
    response = _moved_on(request, form)
    if named:
        # The page has its own list of intents, to search in.
        made = {"id": named.pk, "name": named.name, "title": named.title, "key": named.key}
        response["HX-Trigger"] = json.dumps({"intentMade": made})
    return response


class NotUsable(Exception):
    """Why an answer cannot be stored as it is, in words."""


def _stored(request: BotRequest, item_id: int, form: AnswerForm) -> Intent | None:
    """Store the answer; return the intent that it named, where it chose none by its number."""
    try:
        if form.name:
            return hand_in_naming(form.name, item_id, request.user, form.answer, bot=request.bot)
        hand_in(item_id, request.user, form.answer, bot=request.bot)
    except NotStored as sentence:
        raise NotUsable(f"Nothing was saved. {sentence}") from sentence
    except answering.IntentGone as error:
        raise NotUsable(INTENT_GONE) from error
    except answering.TypeGone as error:
        raise NotUsable(TYPE_GONE) from error
    except answering.SpanMoved as error:
        raise NotUsable(SPAN_MOVED) from error
    return None


def _moved_on(request: BotRequest, form: AnswerForm) -> HttpResponse:
    if not request.htmx:
        with suppress(holding.Paused):
            holding.take_next(request.user, bot=request.bot, wanted=_wanted(request))
        return redirect(_review_url(request))
    progress = answering.progress(request.user, bot=request.bot)
    if _is_held(request, form.cleaned_data["ahead"]):
        response = render(request, "annotation/_progress.html", {"progress": progress, "oob": True})
        response["X-Review-Next"] = SAVED_AHEAD
        return response
    try:
        return _card(request, _next(request), fresh_progress=progress)
    except holding.Paused:
        return _paused(request, fresh_progress=progress)


def _next(request: BotRequest, *, besides: Collection[int] = ()) -> cards.Card | None:
    """The card of the next turn, held. What is erased in that moment is passed over."""
    wanted = _wanted(request)
    while item := holding.take_next(request.user, bot=request.bot, wanted=wanted, besides=besides):
        if card := cards.card(item, bot=request.bot):
            return card
    return None


def _is_held(request: BotRequest, item_id: int | None) -> bool:
    """Whether the turn that the page has fetched before is still theirs; for 15 minutes more."""
    try:
        return item_id is not None and bool(holding.renew(item_id, request.user))
    except holding.HoldLost:
        return False


@require_POST
@may_review
@bot_needed
def undo(request: BotRequest) -> HttpResponse:
    """Take the newest answer back, and show its turn again."""
    try:
        item = answering.undo(request.user, bot=request.bot)
    except answering.GivenTogether:
        return _undone_together(request)
    except answering.NothingToUndo:
        return _problem(request, NOTHING_TO_UNDO, status=409)
    except answering.TooLate:
        return _problem(request, TOO_LATE, status=409)
    if not request.htmx:
        return redirect(_review_url(request))
    progress = answering.progress(request.user, bot=request.bot)
    card = cards.card(item, bot=request.bot)
    return _card(request, card, fresh_progress=progress, undone=True)


def _undone_together(request: BotRequest) -> HttpResponse:
    """Take back what was said of a group. Its turns wait again, and what they hold stays theirs."""
    try:
        sentence = undoing_together.in_words(undo_group(request.user, bot=request.bot))
    except answering.TooLate:
        return _problem(request, TOO_LATE, status=409)
    if not request.htmx:
        messages.success(request, sentence)
        return redirect(_review_url(request))
    progress = answering.progress(request.user, bot=request.bot)
    response = _card(request, _next(request), fresh_progress=progress)
    response["HX-Trigger"] = json.dumps({"toast": {"text": sentence, "tone": "good"}})
    return response


@require_POST
@may_review
@bot_needed
def renew(request: BotRequest, item_id: int) -> HttpResponse:
    """Keep the turn for another fifteen minutes; say until when."""
    item = _item(request, item_id)
    try:
        until = holding.renew(item.pk, request.user)
    except holding.HoldLost:
        return JsonResponse({"held_until": None}, status=409)
    return JsonResponse({"held_until": until.isoformat()})


@require_POST
@may_review
@bot_needed
def stop(request: BotRequest) -> HttpResponse:
    """Let others have what they hold, and leave."""
    holding.release_all(request.user, bot=request.bot)
    return redirect("annotation:queue")


@require_safe
@may_review
@bot_needed
def whole_chat(request: BotRequest, item_id: int) -> HttpResponse:
    """All turns of the conversation, in place of those around the one in question."""
    item = _item(request, item_id)
    chat = cards.whole_chat(item)
    return render(request, "annotation/_chat.html", {"chat": chat, "item": item})


@require_safe
@may_review
@bot_needed
def alike(request: BotRequest, item_id: int) -> HttpResponse:
    """The other turns that an answer can be given to as well."""
    item = _item(request, item_id)
    others = ItemTurn.objects.filter(item=item).select_related("turn").order_by("-exact", "pk")
    texts = [each.turn.text for each in others[:MOST_ALIKE]]
    left_out = max(item.alike_count - MOST_ALIKE, 0)
    page = {"item": item, "texts": texts, "left_out": left_out}
    return render(request, "annotation/_alike.html", page)


def _wanted(request: BotRequest) -> Wanted:
    """The filters of the queue's page, which stay in the address while people review."""
    # Most ask for all of it, and a form takes its time.
    asked = NAMES.keys() & request.GET.keys()
    return QueueFilterForm(request.GET).wanted() if asked else Wanted()


def _item(request: BotRequest, item_id: int) -> ReviewItem:
    return get_object_or_404(ReviewItem.objects.of(request.bot), pk=item_id)


# ── what is sent back ─────────────────────────────────────────────────────────────────


def _page(
    request: BotRequest, item: ReviewItem | None, *, status: int = 200, **page: Any
) -> HttpResponse:
    page = {
        "card": cards.card(item, bot=request.bot) if item else None,
        "words": cards.words(request.bot),
        "progress": answering.progress(request.user, bot=request.bot),
        "waiting": answering.waiting(request.bot),
        "corrected": correcting.number_unseen(request.user, bot=request.bot),
        "is_asked": request.method == "POST",  # so that an empty queue is told from a new page
        "query": request.META.get("QUERY_STRING", ""),
        "is_narrow": _wanted(request).is_narrow,
        **page,
    }
    return render(request, "annotation/review.html", page, status=status)


def _card(request: BotRequest, card: cards.Card | None, **page: Any) -> HttpResponse:
    query, is_narrow = request.META.get("QUERY_STRING", ""), _wanted(request).is_narrow
    shown = {"card": card, "query": query, "is_narrow": is_narrow, "is_asked": True, **page}
    return render(request, CARD, shown)


def _paused(request: BotRequest, **page: Any) -> HttpResponse:
    """Say that they get no turns for now, and what of."""
    pause = pausing.current(request.user, bot=request.bot)
    shown = {"pause": pause, **page}
    return _card(request, None, **shown) if request.htmx else _page(request, None, **shown)


def _refused(
    request: BotRequest, item_id: int, form: AnswerForm, sentence: str, *, status: int
) -> HttpResponse:
    """Say why beside the card, which stays as it is; without scripts, show the card again."""
    item = _item(request, item_id)
    if request.htmx:
        return _problem(request, sentence, status=status)
    asked = questioning.open_question(request.user, bot=request.bot)
    theirs = asked if asked == item else item if item.holder_id == request.user.pk else None
    return _page(request, theirs, status=status, problem=sentence, typed=form)


def _problem(request: BotRequest, sentence: str, *, status: int) -> HttpResponse:
    if not request.htmx:
        return _page(request, None, status=status, problem=sentence)
    page = {"problem": sentence, "goes_on": sentence in (HOLD_LOST, SENT_BEFORE)}
    page["query"] = request.META.get("QUERY_STRING", "")
    response = render(request, "annotation/_problem.html", page, status=status)
    response["HX-Retarget"] = "#review-problem"
    response["HX-Reswap"] = "outerHTML"
    return response


def _first_of(form: AnswerForm) -> str:
    return str(next(iter(form.errors.values()))[0])


def _review_url(request: BotRequest) -> str:
    query = request.META.get("QUERY_STRING", "")
    return reverse("annotation:review") + (f"?{query}" if query else "")
