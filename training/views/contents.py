"""What is in a version: the rows of one intent, texts with two labels, what changed."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.coming_back import in_same_bot
from accounts.views.tabs import bot_needed
from training import differing, lifting, listing
from training.differing import Change
from training.forms import ChangesForm, LiftForm, PlaceForm
from training.listing import Shown
from training.models import DatasetIntent, DatasetRow, DatasetVersion
from training.views.datasets import may_view, version_of

LET_IN = "Let in: the next version has these rows."

may_lift = permission_required("training.lift_quarantine", raise_exception=True)


@require_safe
@may_view
@bot_needed
def intent(request: BotRequest, called_id: int) -> HttpResponse:
    return _intent_page(request, _called(request, called_id), LiftForm())


@require_POST
@may_lift
@bot_needed
def lift(request: BotRequest, called_id: int) -> HttpResponse:
    """Let in what was held back of an intent."""
    called, form = _called(request, called_id), LiftForm(request.POST)
    if not form.is_valid():
        return _intent_page(request, called, form, status=422)
    try:
        lifting.lift(called, by=request.user, reason=form.cleaned_data["reason"])
    except lifting.NotHeldBack:
        called.refresh_from_db()
        return _intent_page(request, called, form, status=409)
    messages.success(request, LET_IN)
    url = reverse("training:dataset_intent", args=[called.pk])
    return redirect(in_same_bot(request, f"{url}?show={Shown.LEFT_OUT}"))


@require_safe
@may_view
@bot_needed
def clashes(request: BotRequest, version_id: int) -> HttpResponse:
    """Texts that have two labels, with each of their rows."""
    version = version_of(request, version_id)
    rows = DatasetRow.objects.filter(version=version, clashes=True).order_by("text", "place")
    page = page_of(rows.select_related("turn", "dataset_intent"), request)
    return render(request, "training/clashes.html", {"version": version, "page": page})


@require_safe
@may_view
@bot_needed
def changes(request: BotRequest, version_id: int) -> HttpResponse:
    """What changed since another version."""
    version = version_of(request, version_id)
    form = ChangesForm(request.GET, bot=request.bot, version=version)
    number = form.number(default=version.before.number if version.before else None)
    change = _change(request)
    shown = {"version": version, "form": form, "change": change, "older": None}
    if number is not None:
        older = DatasetVersion.objects.of(request.bot).get(number=number)
        place = PlaceForm(request.GET).place()
        page = differing.page(older, version, change=change, after=place)
        shown |= {"older": older, "page": page}
    return render(request, "training/changes.html", shown)


def _change(request: BotRequest) -> Change:
    asked = request.GET.get("change")
    return Change(asked) if asked in Change.values else Change.ADDED


def _called(request: BotRequest, called_id: int) -> DatasetIntent:
    of_bot = DatasetIntent.objects.filter(version__bot=request.bot)
    return get_object_or_404(
        of_bot.select_related("version__bot", "lifted_by", "intent"), pk=called_id
    )


def _intent_page(
    request: BotRequest, called: DatasetIntent, form: LiftForm, *, status: int = 200
) -> HttpResponse:
    asked = request.GET.get("show")
    shown = Shown(asked) if asked in Shown.values else Shown.TRAIN
    after = PlaceForm(request.GET).place()
    page = {
        "called": called,
        "version": called.version,
        "shown": shown,
        "counts": {
            Shown.TRAIN: called.train_count,
            Shown.AUDIT: called.audit_count,
            Shown.LEFT_OUT: called.left_out_count,
        },
        "page": listing.rows_page(called, shown=shown, after=after),
        "form": form if lifting.is_held_back(called) else None,
        "sources": listing.sources_held_back(called),
        "too_late": status == 409,
    }
    return render(request, "training/dataset_intent.html", page, status=status)
