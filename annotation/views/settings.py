"""How the queue of the current bot is filled and handed out."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed, render_tab
from annotation import configuring
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
