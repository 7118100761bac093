"""The current bot."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts import bots
from accounts.forms import BotForm
from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed, render_tab


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("accounts.change_bot", raise_exception=True)
@bot_needed
def bot_settings(request: BotRequest) -> HttpResponse:
    typed = request.POST if request.method == "POST" else None
    form = BotForm(typed, initial={"name": request.bot.name})
    if request.method != "POST":
        return render_tab(request, "accounts/bot.html", {"form": form})
    if not form.is_valid():
        return render_tab(request, "accounts/bot.html", {"form": form}, status=422)
    bots.rename(request.bot, name=form.cleaned_data["name"], by=request.user)
    messages.success(request, "Saved. Links to the bot stay as they are.")
    return redirect("accounts:bot_settings")
