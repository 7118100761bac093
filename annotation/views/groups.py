"""Groups of alike turns: the list, and one group that is labelled at once.

A GET writes nothing and holds nothing. What was on screen comes back signed with the form, and
what of it somebody has or has answered meanwhile is left out.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed
from annotation import answering, cards, group_listing, leaving_out, undoing_together
from annotation.answering_together import NothingLeft, answer_group, count_peeled
from annotation.clashes import NotStored
from annotation.group_cards import GroupCard, group_card
from annotation.group_forms import GroupAnswerForm, GroupFilterForm, ShownForm, shown_token
from annotation.group_listing import Place
from annotation.grouping_anew import ask_for_grouping
from annotation.handing_in import hand_in_group_naming
from annotation.models import GroupAnswer, TurnGroup
from annotation.undoing_together import undo_group
from annotation.views.review import INTENT_GONE, NOTHING_TO_UNDO, TOO_LATE

may_view = permission_required("annotation.view_reviewitem", raise_exception=True)
may_review = permission_required("annotation.add_annotation", raise_exception=True)

NOTHING_LEFT = (
    "Nothing was saved: none of these turns can be labelled here any more ({why}). What you chose "
    "and peeled off is still here; go on with the next group."
)
SENT_BEFORE = "This form was sent before, by somebody else. Reload the page and choose again."
NOT_TOGETHER = (
    "Your last answer was to a single turn. Take that back on the review screen first; then the "
    "group before it can be taken back here."
)
SAVED = "{turns} saved as {label}.{peeled}{left_out} Undo with z."
PEELED = " {turns} peeled off, for the queue."
LEFT_OUT = " Left out: {why}."
AGAIN = "The turns that wait are being grouped anew. New groups appear here in some seconds."


# ── looking ───────────────────────────────────────────────────────────────────────────


@require_safe
@may_view
@bot_needed
def listed(request: BotRequest) -> HttpResponse:
    form = GroupFilterForm(request.GET)
    asked = form.asked()
    page = group_listing.page(request.bot, asked, after=form.place)
    form.offer(page.intents)
    shown = {"form": form, "asked": asked, "page": page, "query": form.query()}
    return render(request, "annotation/groups.html", shown)


@require_safe
@may_review
@bot_needed
def group(request: BotRequest, group_id: int) -> HttpResponse:
    found = get_object_or_404(TurnGroup.objects.of(request.bot).select_related("near"), pk=group_id)
    return _page(request, group_card(found, request.user, bot=request.bot))


@require_safe
@may_review
@bot_needed
def following(request: BotRequest, group_id: int) -> HttpResponse:
    """On to the group after this one, in the order of the list; to the list, if it was the last."""
    found = get_object_or_404(TurnGroup.objects.of(request.bot), pk=group_id)
    return redirect(_url_behind(request, found.pk))


@require_POST
@may_review
@bot_needed
def more(request: BotRequest, group_id: int) -> HttpResponse:
    """Show some more turns of the group; nothing is written."""
    form = ShownForm(request.POST, group=group_id, user=request.user, bot=request.bot)
    found = get_object_or_404(TurnGroup.objects.of(request.bot).select_related("near"), pk=group_id)
    whole = form.is_valid()
    card = group_card(found, request.user, bot=request.bot, before=form.before)
    if not (request.htmx and whole):
        typed = GroupAnswerForm(request.POST, group=group_id, user=request.user, bot=request.bot)
        typed.is_valid()  # what is amiss is said once it is saved
        return _page(request, card, typed=typed)
    rows = [row for row in card.rows if row.item not in form.before]
    shown = _rows(request, card, rows) | {"query": _query(request)}
    return render(request, "annotation/_group_rows.html", shown)


# ── answering ─────────────────────────────────────────────────────────────────────────


@require_POST
@may_review
@bot_needed
def answer(request: BotRequest, group_id: int) -> HttpResponse:
    """Label what was on screen and was not peeled off, and go on with the next group."""
    form = GroupAnswerForm(request.POST, group=group_id, user=request.user, bot=request.bot)
    if not form.is_valid():
        get_object_or_404(TurnGroup.objects.of(request.bot), pk=group_id)
        return _refused(request, group_id, form, _first_of(form), status=422)
    behind = _url_behind(request, group_id)
    try:
        stored = _stored(request, form)
    except NothingLeft as nothing:
        sentence = NOTHING_LEFT.format(why=leaving_out.in_words(nothing.left_out))
        return _refused(request, group_id, form, sentence, status=409)
    except answering.SubmissionUsed:
        return _refused(request, group_id, form, SENT_BEFORE, status=409)
    except answering.IntentGone:
        return _refused(request, group_id, form, INTENT_GONE, status=422)
    except NotStored as sentence:
        return _refused(request, group_id, form, f"Nothing was saved. {sentence}", status=422)
    messages.success(request, _in_words(stored))
    response = _go(request, behind)
    # A login that ran out leads elsewhere too, and then what was chosen must be kept.
    response["X-Group-Saved"] = "yes"
    return response


def _stored(request: BotRequest, form: GroupAnswerForm) -> GroupAnswer:
    if form.name:
        return hand_in_group_naming(form.name, request.user, form.said, bot=request.bot)
    return answer_group(request.user, form.said, bot=request.bot)


@require_POST
@may_review
@bot_needed
def undo(request: BotRequest) -> HttpResponse:
    """Take the newest answer back, if it was to a group, and show the group again."""
    try:
        back = undo_group(request.user, bot=request.bot)
    except answering.NothingToUndo:
        return _not_undone(request, NOTHING_TO_UNDO)
    except undoing_together.NotTogether:
        return _not_undone(request, NOT_TOGETHER)
    except answering.TooLate:
        return _not_undone(request, TOO_LATE)
    messages.success(request, undoing_together.in_words(back))
    still_there = TurnGroup.objects.of(request.bot).filter(pk=back.group_number).exists()
    to = reverse("annotation:group", args=[back.group_number]) if still_there else _list_url()
    return _go(request, _with_filters(request, to))


@require_POST
@may_review
@bot_needed
def again(request: BotRequest) -> HttpResponse:
    """Group what waits anew, without waiting until enough has come."""
    ask_for_grouping(request.bot)
    messages.success(request, AGAIN)
    return redirect(in_same_bot(request, _list_url()))


# ── sentences ─────────────────────────────────────────────────────────────────────────


def _turns(number: int) -> str:
    return "1 turn was" if number == 1 else f"{number:,} turns were"


def _in_words(stored: GroupAnswer) -> str:
    peeled, left_out = count_peeled(stored), stored.left_out
    return SAVED.format(
        turns=_turns(stored.answered),
        label=stored.intent.name if stored.intent else cards.label_of(stored.verdict).lower(),
        peeled=PEELED.format(turns=_turns(peeled)) if peeled else "",
        left_out=LEFT_OUT.format(why=leaving_out.in_words(left_out)) if left_out else "",
    )


def _first_of(form: GroupAnswerForm) -> str:
    return str(next(iter(form.errors.values()))[0])


# ── what is sent back ─────────────────────────────────────────────────────────────────


def _page(request: BotRequest, card: GroupCard, *, status: int = 200, **page: Any) -> HttpResponse:
    shown = _rows(request, card, card.rows) | {
        "words": cards.words(request.bot),
        "progress": answering.progress(request.user, bot=request.bot),
        "query": _query(request),
        **page,
    }
    return render(request, "annotation/group.html", shown, status=status)


def _rows(request: BotRequest, card: GroupCard, rows: list[Any]) -> dict[str, Any]:
    token = shown_token(
        rows,
        group=card.group.pk,
        user=request.user,
        bot=request.bot,
        guess_shown=card.guess_shown,
    )
    return {"card": card, "rows": rows, "token": token}


def _refused(
    request: BotRequest, group_id: int, form: GroupAnswerForm, sentence: str, *, status: int
) -> HttpResponse:
    """Say why above the group, which stays as it is; without scripts, show the group again."""
    if request.htmx:
        return _problem(request, sentence, status=status)
    groups = TurnGroup.objects.of(request.bot).select_related("near")
    found = groups.filter(pk=group_id).first()
    if found is None:
        messages.warning(request, sentence)
        return redirect(in_same_bot(request, _list_url()))
    card = group_card(found, request.user, bot=request.bot, before=form.before, more=0)
    if not card.rows:
        card = group_card(found, request.user, bot=request.bot)
    return _page(request, card, status=status, problem=sentence, typed=form)


def _not_undone(request: BotRequest, sentence: str) -> HttpResponse:
    if request.htmx:
        return _problem(request, sentence, status=409)
    messages.warning(request, sentence)
    return redirect(in_same_bot(request, _list_url()))


def _problem(request: BotRequest, sentence: str, *, status: int) -> HttpResponse:
    page = {"problem": sentence}
    response = render(request, "annotation/_group_problem.html", page, status=status)
    response["HX-Retarget"] = "#review-problem"
    response["HX-Reswap"] = "outerHTML"
    return response


def _go(request: BotRequest, url: str) -> HttpResponse:
    to = in_same_bot(request, url)
    return HttpResponseClientRedirect(to) if request.htmx else redirect(to)


def _url_behind(request: BotRequest, group_id: int) -> str:
    """Where the group after this one is, as the list stood before anything was saved."""
    size = TurnGroup.objects.of(request.bot).filter(pk=group_id).values_list("size", flat=True)
    after = Place(size[0], group_id) if size else None
    asked = GroupFilterForm(request.GET).asked()
    found = group_listing.next_group(request.bot, asked, after=after)
    if found is None or found.pk == group_id:
        return _with_filters(request, _list_url())
    return _with_filters(request, reverse("annotation:group", args=[found.pk]))


def _list_url() -> str:
    return reverse("annotation:groups")


def _query(request: BotRequest) -> str:
    form = GroupFilterForm(request.GET)
    form.asked()
    return form.query()


def _with_filters(request: BotRequest, url: str) -> str:
    return in_same_bot(request, f"{url}{_query(request)}")
