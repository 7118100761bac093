"""The webhook secrets of the current bot."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import webhook_secrets
from accounts.models import WebhookSecret
from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed, render_tab

TWO_ARE_LIVE = (
    "No secret was made: two are live, so that one can take over from the other. "
    "Revoke the one that is not used any more first."
)

may_manage = permission_required("accounts.manage_keys", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_manage
@bot_needed
@never_cache
def secret_list(request: BotRequest) -> HttpResponse:
    """List the secrets; make one and show it, this once."""
    if request.method != "POST":
        return _page(request)
    try:
        return _page(request, issued=webhook_secrets.issue(request.bot, by=request.user))
    except webhook_secrets.TooManyLive:
        return _page(request, status=422, refused=TWO_ARE_LIVE)


@require_POST
@may_manage
@bot_needed
def revoke(request: BotRequest, secret_id: int) -> HttpResponse:
    secret = get_object_or_404(WebhookSecret.objects.of(request.bot), pk=secret_id)
    webhook_secrets.revoke(secret, by=request.user)
    messages.success(request, f"Events signed with {secret} are refused from now on.")
    return redirect("accounts:webhooks")


def _page(request: BotRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    rows = WebhookSecret.objects.of(request.bot).select_related("created_by").newest_first()
    page = {"secrets": page_of(rows, request)}
    return render_tab(request, "accounts/webhooks.html", page | more, status=status)
