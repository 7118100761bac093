"""Sending the first event: what to run, and a button that does without a bot."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts import webhook_secrets
from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed, render_tab
from ingest import trying

may_manage = permission_required("accounts.manage_keys", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_manage
@bot_needed
def test_event(request: BotRequest) -> HttpResponse:
    """Show how to send events; take in a made-up one and show its conversation."""
    if request.method == "POST":
        made = trying.send_test_event(request.bot, at=timezone.now())
        return redirect("ingest:conversation", made)
    return render_tab(request, "ingest/test_event.html", _snippets(request))


def _snippets(request: BotRequest) -> dict[str, object]:
    query = urlencode({"bot": request.bot.slug})
    address = request.build_absolute_uri(f"{reverse('api:events')}?{query}")
    return {
        "address": address,
        "curl": trying.curl(address),
        "python": trying.python(address),
        "has_secret": bool(webhook_secrets.live_secrets(request.bot)),
    }
