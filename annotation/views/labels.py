"""Where a gold label comes from, and what people read of their own answers."""

from django.contrib.auth.decorators import permission_required
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed
from annotation import correcting, labels
from annotation.models import Correction, GoldLabel

may_view = permission_required("annotation.view_reviewitem", raise_exception=True)
may_review = permission_required("annotation.add_annotation", raise_exception=True)


@require_safe
@may_view
@bot_needed
def label(request: BotRequest, label_id: int) -> HttpResponse:
    of_bot = GoldLabel.objects.of(request.bot).select_related(
        "turn", "intent", "annotation__item__turn", "replaced_by__intent"
    )
    found = get_object_or_404(of_bot, pk=label_id)
    adjudicates = request.user.has_perm("annotation.adjudicate")
    origin = labels.origin(found, reader=request.user, adjudicates=adjudicates)
    return render(request, "annotation/label.html", {"origin": origin, "label": found})


@require_safe
@may_review
@bot_needed
def corrected(request: BotRequest) -> HttpResponse:
    """What somebody answered and a reviewer decided otherwise."""
    mine = Correction.objects.of(request.bot).of_person(request.user).newest_first()
    page = page_of(mine.with_both_answers(), request)
    newest = mine.unseen().aggregate(newest=Max("decision"))["newest"]
    rows = correcting.rows_of(list(page))
    shown = {"page": page, "rows": rows, "until": newest}
    return render(request, "annotation/corrected.html", shown)


@require_POST
@may_review
@bot_needed
def see_corrected(request: BotRequest) -> HttpResponse:
    """They have seen what was on their page."""
    until = request.POST.get("until", "")
    if until.isdecimal() and until.isascii() and len(until) < 19:
        correcting.see_all(request.user, bot=request.bot, until=int(until))
    if request.htmx:
        return HttpResponse(status=204)
    return redirect(in_same_bot(request, reverse("annotation:corrected")))
