"""How the queue of the current bot is filled and handed out."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed, render_tab
from annotation import configuring, sharing
from annotation.known_forms import SecondOpinionForm
from annotation.models import Intent, SecondOpinionShare
from annotation.queue_forms import ReviewForm

SAVED = "Saved. It holds for what is handed out and queued from now on."
AGAIN = "Saved. Turns of the last 30 days are being looked at again: more will wait in a while."

may_change = permission_required("annotation.change_reviewsettings", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def review_settings(request: BotRequest) -> HttpResponse:
    settings = configuring.settings_of(request.bot)
    if request.method != "POST":
        form = ReviewForm(settings=settings)
        return render_tab(request, "annotation/settings.html", {"form": form})
    form = ReviewForm(request.POST, settings=settings)
    if not form.is_valid():
        return render_tab(request, "annotation/settings.html", {"form": form}, status=422)
    again = configuring.change_review(request.bot, by=request.user, **form.cleaned_data)
    messages.success(request, AGAIN if again else SAVED)
    return redirect("annotation:settings")


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@bot_needed
def second_opinions(request: BotRequest) -> HttpResponse:
    """Intents that have a share of second opinions of their own."""
    if request.method != "POST":
        return _second_opinions(request, SecondOpinionForm(bot=request.bot))
    form = SecondOpinionForm(request.POST, bot=request.bot)
    if not form.is_valid():
        return _second_opinions(request, form, status=422)
    intent, percent = form.cleaned_data["intent"], form.cleaned_data["percent"]
    sharing.share(request.bot, intent, percent, by=request.user)
    messages.success(request, f"{intent.name}: {percent:g} percent, of what is queued from now on.")
    return redirect("annotation:second_opinions")


@require_POST
@may_change
@bot_needed
def forget_second_opinion(request: BotRequest, intent_id: int) -> HttpResponse:
    intent = get_object_or_404(Intent.objects.of(request.bot), pk=intent_id)
    sharing.forget(request.bot, intent, by=request.user)
    messages.success(request, f"{intent.name}: the share of the bot holds for it again.")
    return redirect("annotation:second_opinions")


def _second_opinions(
    request: BotRequest, form: SecondOpinionForm, *, status: int = 200
) -> HttpResponse:
    shares = SecondOpinionShare.objects.of(request.bot).select_related("intent")
    page = page_of(shares.order_by(Lower("intent__name")), request)
    of_bot = configuring.settings_of(request.bot).second_opinion_percent
    shown = {"form": form, "page": page, "of_bot": of_bot}
    return render_tab(request, "annotation/second_opinions.html", shown, status=status)
