"""Disagreements: the list, one of them with the answers side by side, and what a reviewer does."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed
from annotation import adjudicating, answering, cards, dispute_listing, labels
from annotation.clashes import NotStored
from annotation.dispute_forms import DecisionForm, DisputeFilterForm
from annotation.models import Annotation, Dispute
from annotation.views.review import (
    INTENT_GONE,
    NOTHING_TO_UNDO,
    SENT_BEFORE,
    SPAN_MOVED,
    TYPE_GONE,
)

may_adjudicate = permission_required("annotation.adjudicate", raise_exception=True)

KEPT = "What you chose and typed is still here."
SETTLED = f"Nothing was saved: somebody settled this meanwhile, or it is gone. {KEPT}"
HELD = "Nothing was saved: {name} has this turn on the screen right now. " + KEPT
MOVED_ON = (
    "Nothing was saved: somebody answered this or sent it back since you opened it. "
    f"{KEPT} Look at it again before you decide."
)
NOBODY_TO_ASK = (
    "Nothing was sent back: nobody else who answered works on this bot any more. "
    "Accept an answer, or give your own."
)
TOO_LATE = "That cannot be taken back any more: somebody has gone on with it since."
DECIDED = "Saved: {label} is the gold label."
STILL_UNSURE = "Saved. You are unsure, so it goes on waiting for a reviewer."
GONE_BACK = "Sent back with your note. It is the next turn of those who answered."
TAKEN_BACK = "Taken back. It waits for your decision again."

# What stays in the way of an answer, in words.
NOT_USABLE: dict[type[Exception], str] = {
    answering.IntentGone: INTENT_GONE,
    answering.TypeGone: TYPE_GONE,
    answering.SpanMoved: SPAN_MOVED,
    adjudicating.NobodyToAsk: NOBODY_TO_ASK,
}
FASTER: dict[type[Exception], str] = {
    adjudicating.Settled: SETTLED,
    adjudicating.MovedOn: MOVED_ON,
    answering.SubmissionUsed: SENT_BEFORE,
}


@require_safe
@may_adjudicate
@bot_needed
def dispute_list(request: BotRequest) -> HttpResponse:
    form = DisputeFilterForm(request.GET)
    sought = form.sought()
    found = dispute_listing.disputes(request.bot, sought).select_related("item__turn")
    page = page_of(found, request)
    form.offer(dispute_listing.offered(request.bot))
    shown = {
        "form": form,
        "sought": sought,
        "query": form.query(),
        "tabs": dispute_listing.tabs(request.bot, sought),
        "page": page,
        "rows": dispute_listing.rows_of(list(page), reader=request.user),
    }
    return render(request, "annotation/disputes.html", shown)


@require_safe
@may_adjudicate
@bot_needed
def dispute(request: BotRequest, item_id: int) -> HttpResponse:
    return _page(request, _dispute(request, item_id))


@require_POST
@may_adjudicate
@bot_needed
def decide(request: BotRequest, item_id: int) -> HttpResponse:
    """Accept an answer, store the reviewer's own, or send it back; then show the next."""
    found, form = _dispute(request, item_id), DecisionForm(request.POST)
    if not form.is_valid():
        first = str(next(iter(form.errors.values()))[0])
        return _refused(request, found, form, first, status=422)
    try:
        done = _done(request, found, form)
    except adjudicating.HeldBySomebody as held:
        sentence = HELD.format(name=held.holder.shown_name)
        return _refused(request, found, form, sentence, status=409)
    except tuple(FASTER) as error:
        return _refused(request, found, form, FASTER[type(error)], status=409)
    except tuple(NOT_USABLE) as error:
        return _refused(request, found, form, NOT_USABLE[type(error)], status=422)
    except NotStored as error:
        return _refused(request, found, form, f"Nothing was saved. {error}", status=422)
    messages.success(request, done)
    return _on(request, found)


def _done(request: BotRequest, found: Dispute, form: DecisionForm) -> str:
    """Do it; a sentence that says what was done."""
    user, bot, shown = request.user, request.bot, form.cleaned_data["seen"]
    answer = form.answer
    if form.goes_back:
        note = form.cleaned_data["note"]
        adjudicating.send_back(
            found.pk, user, bot=bot, note=note, submission=answer.submission, shown=shown
        )
        return GONE_BACK
    if form.accepted is not None:
        chosen = Annotation.objects.filter(item=found.pk, pk=form.accepted, undone_at=None).first()
        if chosen is None:
            raise adjudicating.MovedOn
        said = adjudicating.accept(chosen, user, answer, bot=bot, shown=shown)
    elif form.name:
        said = adjudicating.decide_naming(form.name, found.pk, user, answer, bot=bot, shown=shown)
    else:
        said = adjudicating.decide(found.pk, user, answer, bot=bot, shown=shown)
    if said.verdict == Annotation.Verdict.UNSURE:
        return STILL_UNSURE
    return DECIDED.format(label=said.intent.name if said.intent else said.get_verdict_display())


@require_POST
@may_adjudicate
@bot_needed
def undo(request: BotRequest) -> HttpResponse:
    """Take back the last decision, answer or note, and show its turn again."""
    try:
        item = adjudicating.undo(request.user, bot=request.bot)
    except adjudicating.NothingToUndo:
        messages.warning(request, NOTHING_TO_UNDO)
    except adjudicating.TooLate:
        messages.warning(request, TOO_LATE)
    else:
        messages.success(request, TAKEN_BACK)
        if Dispute.objects.open().filter(pk=item.pk).exists():
            return _to(request, reverse("annotation:dispute", args=[item.pk]))
        return _to(request, reverse("annotation:review"))
    return _to(request, reverse("annotation:disputes"))


def _dispute(request: BotRequest, item_id: int) -> Dispute:
    with_item = Dispute.objects.of(request.bot).select_related("item__turn", "item__holder")
    return get_object_or_404(with_item, pk=item_id)


def _on(request: BotRequest, found: Dispute) -> HttpResponse:
    """To the next one of the filters; to the list after the last."""
    form = DisputeFilterForm(request.GET)
    following = dispute_listing.next_after(found, request.bot, form.sought())
    if following is None:
        return _to(request, reverse("annotation:disputes"))
    return _to(request, reverse("annotation:dispute", args=[following]), form.query())


def _to(request: BotRequest, url: str, query: str = "") -> HttpResponse:
    whole = in_same_bot(request, f"{url}?{query}" if query else url)
    # As a page: what is shown next has an address of its own.
    return HttpResponse(headers={"HX-Redirect": whole}) if request.htmx else redirect(whole)


def _page(request: BotRequest, found: Dispute, *, status: int = 200, **page: Any) -> HttpResponse:
    shown = dispute_listing.page(found, bot=request.bot, reader=request.user)
    if shown is None:
        raise Http404
    form = DisputeFilterForm(request.GET)
    page = {
        "page": shown,
        "dispute": found,
        "seen": adjudicating.seen(found.pk),
        "gold": labels.current_of(found.item),
        "words": cards.words(request.bot) if found.settled_at is None else None,
        "query": form.query(),
        "next": dispute_listing.next_after(found, request.bot, form.sought()),
        **page,
    }
    return render(request, "annotation/dispute.html", page, status=status)


def _refused(
    request: BotRequest, found: Dispute, form: DecisionForm, sentence: str, *, status: int
) -> HttpResponse:
    """Say why beside the form, which stays as it is; without scripts, show the page again."""
    if not request.htmx:
        again = _dispute(request, found.pk)
        return _page(request, again, status=status, problem=sentence, typed=form)
    page = {"problem": sentence, "dispute": found, "look_again": status == 409}
    response = render(request, "annotation/_dispute_problem.html", page, status=status)
    response["HX-Retarget"] = "#review-problem"
    response["HX-Reswap"] = "outerHTML"
    return response
