"""What end users and the bot said to each other: the list, one conversation, its events."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed
from ingest import history, listing, marks
from ingest.chat import chat
from ingest.filters import FilterForm
from ingest.finding import Place
from ingest.models import Conversation

EVENTS_BESIDE = 50
EVENTS_A_PAGE = 200

may_view = permission_required("ingest.view_conversation", raise_exception=True)


@require_safe
@may_view
@bot_needed
def conversation_list(request: BotRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    wanted = form.wanted()
    page = listing.page(request.bot, wanted)
    form.offer(page.choices)
    return render(
        request, "ingest/conversations.html", {"form": form, "page": page, "wanted": wanted}
    )


@require_safe
@may_view
@bot_needed
def conversation(request: BotRequest, conversation_id: UUID) -> HttpResponse:
    found = _conversation(request, conversation_id)
    after = _place(request)
    page = {
        "conversation": found,
        "outcome": marks.outcome(found.outcome),
        "signals": marks.signals(found.signals),
        "chat": chat(found, after=after),
        "is_first": after is None,
        "events": history.events(found, most=EVENTS_BESIDE),
    }
    return render(request, "ingest/conversation.html", page)


@require_safe
@may_view
@bot_needed
def conversation_events(request: BotRequest, conversation_id: UUID) -> HttpResponse:
    found = _conversation(request, conversation_id)
    events = history.events(found, most=EVENTS_A_PAGE, after=_place(request))
    page = {"conversation": found, "events": events}
    return render(request, "ingest/conversation_events.html", page)


def _conversation(request: BotRequest, conversation_id: UUID) -> Conversation:
    return get_object_or_404(Conversation.objects.of(request.bot), pk=conversation_id)


def _place(request: HttpRequest) -> Place | None:
    """Where `?after=` leads to; the beginning if it leads nowhere."""
    try:
        return Place.read(request.GET["after"]) if "after" in request.GET else None
    except ValueError:
        return None
