"""All bots of the install, for its operators."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts import bots
from accounts.forms import BotForm
from accounts.models import Bot
from accounts.paging import page_of
from accounts.requests import PersonRequest
from accounts.views.tabs import render_tab


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("accounts.add_bot", raise_exception=True)
def bot_list(request: PersonRequest) -> HttpResponse:
    form = BotForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        bot = bots.create(name=form.cleaned_data["name"], by=request.user)
        request.session["bot"] = bot.pk
        request.named_bot = None
        messages.success(request, f"{bot} was made. You are its admin, and now work on it.")
        return redirect("accounts:bots")
    shown = Bot.objects.visible_to(request.user).with_member_count().by_name()
    page = {"form": form, "rows": page_of(shown, request)}
    return render_tab(request, "accounts/bots.html", page, status=422 if form.errors else 200)
