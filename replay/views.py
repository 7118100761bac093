"""The replays of the current bot, and what one came to."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed
from replay import showing
from replay.models import Replay

may_view = permission_required("replay.view_replay", raise_exception=True)


@require_safe
@may_view
@bot_needed
def replay_list(request: BotRequest) -> HttpResponse:
    of_bot = Replay.objects.of(request.bot).select_related("bot", "twin_of")
    return render(request, "replay/list.html", {"page": page_of(of_bot.newest_first(), request)})


@require_safe
@may_view
@bot_needed
def detail(request: BotRequest, replay_id: int) -> HttpResponse:
    return render(request, "replay/detail.html", _shown(request, replay_id))


@require_safe
@may_view
@bot_needed
def card(request: BotRequest, replay_id: int) -> HttpResponse:
    """What it came to so far, which its page asks for while it goes on."""
    return render(request, "replay/_card.html", _shown(request, replay_id))


def _shown(request: BotRequest, replay_id: int) -> dict[str, Any]:
    of_bot = Replay.objects.of(request.bot).select_related("bot", "twin_of")
    row = get_object_or_404(of_bot, pk=replay_id)
    # The other one is another bot's, and shown to those who may see that one too.
    other = showing.other_of(row, among=request.bots)
    return {"replay": row, "other": other, **showing.shown(row, other)}
