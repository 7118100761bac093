"""The queue: what waits, how to begin, and giving some of it to one person."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed
from annotation import assigning, correcting, dispute_listing, queue_listing
from annotation.filters import QueueFilterForm
from annotation.queue_forms import AssignForm

START = "/review/next/"
NOTHING = "Nothing was assigned: no free item is like that, or {name} has answered them already."
GIVEN = "{number:,} {items} now for {name} alone, and the first that {name} gets."
TAKEN = "{number:,} {items} for everybody again."

may_view = permission_required("annotation.view_reviewitem", raise_exception=True)
may_assign = permission_required("annotation.assign_reviewitem", raise_exception=True)


@require_safe
@may_view
@bot_needed
def queue(request: BotRequest) -> HttpResponse:
    return _page(request, QueueFilterForm(request.GET), AssignForm(bot=request.bot))


@require_POST
@may_assign
@bot_needed
def assign(request: BotRequest) -> HttpResponse:
    """Give the most useful items of the filters to somebody, or take theirs back."""
    filters, form = QueueFilterForm(request.POST), AssignForm(request.POST, bot=request.bot)
    wanted = filters.wanted()
    if not form.is_valid():
        return _page(request, filters, form, status=422)
    person, most = form.cleaned_data["person"], form.cleaned_data["most"]
    if "take_back" in request.POST:
        number = assigning.unassign(request.bot, of=person, by=request.user)
        _say(request, TAKEN, number, person)
    elif number := assigning.assign(request.bot, wanted, to=person, by=request.user, most=most):
        _say(request, GIVEN, number, person)
    else:
        messages.warning(request, NOTHING.format(name=person.shown_name))
    return redirect(in_same_bot(request, f"{reverse('annotation:queue')}{filters.query()}"))


def _say(request: BotRequest, sentence: str, number: int, person: User) -> None:
    items = "item is" if number == 1 else "items are"
    messages.success(request, sentence.format(number=number, items=items, name=person.shown_name))


def _page(
    request: BotRequest, form: QueueFilterForm, assign_form: AssignForm, *, status: int = 200
) -> HttpResponse:
    wanted = form.wanted()
    page = queue_listing.page(request.bot, wanted, reader=request.user, after=form.place)
    form.offer(page.intents)
    decides = request.user.has_perm("annotation.adjudicate")
    shown = {
        "corrected": correcting.number_unseen(request.user, bot=request.bot),
        "disputes": dispute_listing.number_open(request.bot) if decides else 0,
        "form": form,
        "page": page,
        "wanted": wanted,
        "assign_form": assign_form,
        "start_url": in_same_bot(request, f"{START}{form.query()}"),
    }
    return render(request, "annotation/queue.html", shown, status=status)
