"""How far people agree, for reviewers; and each person's own figures."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.paging import ROWS
from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed
from annotation import agreeing, pausing, portraying
from annotation.agreeing import FEWEST, PERIODS, USUAL_PERIOD, Sums
from annotation.models import Annotation

LIFTED = (
    "{name} gets turns again. What they answered until now does not count for a pause any more."
)
NOT_PAUSED = "{name} gets turns already: somebody let them go on."

may_compare = permission_required("annotation.view_comparison", raise_exception=True)
may_adjudicate = permission_required("annotation.adjudicate", raise_exception=True)
may_review = permission_required("annotation.add_annotation", raise_exception=True)


@require_safe
@may_compare
@bot_needed
def agreement(request: BotRequest) -> HttpResponse:
    start = agreeing.since(_period(request))
    sums = Sums.of(request.bot, start)
    page = Paginator(agreeing.by_meaning(sums), ROWS).get_page(request.GET.get("page"))
    disputes = agreeing.disputes(request.bot, start)
    meanings = [row.meaning for row in page] + [each.low for each in disputes]
    names = agreeing.names_of(request.bot, meanings + [each.high for each in disputes])
    shown = {
        "overall": agreeing.overall(sums),
        "people": len(sums.people),
        "types": agreeing.by_type(request.bot, start),
        "page": page,
        "rows": agreeing.named(list(page), names),
        "disputes": [(names.get(d.low, ""), names.get(d.high, ""), d) for d in disputes],
        "uncounted": agreeing.uncounted(request.bot),
    }
    return _render(request, "annotation/agreement.html", shown)


@require_safe
@may_compare
@bot_needed
def people(request: BotRequest) -> HttpResponse:
    """Everybody by name: it is no ranking."""
    start = agreeing.since(_period(request))
    sums = Sums.of(request.bot, start)
    everybody = portraying.everybody(request.bot, sums)
    page = Paginator(everybody, ROWS).get_page(request.GET.get("page"))
    rows = portraying.rows(request.bot, list(page), sums, start)
    return _render(request, "annotation/people.html", {"page": page, "rows": rows})


@require_safe
@may_compare
@bot_needed
def person(request: BotRequest, person_id: int) -> HttpResponse:
    who = _person(request, person_id)
    start = agreeing.since(_period(request))
    shown = {
        "portrait": portraying.portrait(who, bot=request.bot, start=start),
        "missed": portraying.missed(who, bot=request.bot),
    }
    return _render(request, "annotation/person.html", shown)


@require_safe
@may_review
@bot_needed
def mine(request: BotRequest) -> HttpResponse:
    """One's own figures. Known turns of today are left out, so that none can be told by them."""
    start, until = agreeing.since(_period(request)), portraying.this_morning()
    own = portraying.portrait(request.user, bot=request.bot, start=start, until=until)
    return _render(request, "annotation/mine.html", {"portrait": own})


@require_POST
@may_adjudicate
@bot_needed
def lift(request: BotRequest, person_id: int) -> HttpResponse:
    who = _person(request, person_id)
    lifted = pausing.lift(who, bot=request.bot, by=request.user)
    say = messages.success if lifted else messages.info
    say(request, (LIFTED if lifted else NOT_PAUSED).format(name=who.shown_name))
    return redirect(in_same_bot(request, reverse("annotation:person", args=[who.pk])))


def _person(request: BotRequest, person_id: int) -> User:
    """Somebody who works on the bot, or did."""
    who: User = get_object_or_404(User, pk=person_id)
    works = Q(memberships__bot=request.bot)
    if User.objects.filter(works, pk=who.pk).exists():
        return who
    if not Annotation.objects.of(request.bot).by(who).exists():
        raise Http404
    return who


def _period(request: BotRequest) -> str:
    asked = request.GET.get("weeks", "")
    return asked if asked in PERIODS else USUAL_PERIOD


def _render(request: BotRequest, template: str, shown: dict[str, Any]) -> HttpResponse:
    page = {"period": _period(request), "periods": PERIODS, "fewest": FEWEST, **shown}
    return render(request, template, page)
