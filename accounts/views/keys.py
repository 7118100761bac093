"""The API keys of the current bot."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import keys
from accounts.forms import KeyForm
from accounts.models import ApiKey
from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.views.tabs import bot_needed, render_tab

TWO_ARE_LIVE = (
    "Two keys of this name are live, so that one can take over from the other. "
    "Revoke the one that is not used any more first."
)
NOT_LIVE = "No key was made: this one was revoked or has expired in the meantime. Make a new one."

may_manage = permission_required("accounts.manage_keys", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_manage
@bot_needed
@never_cache
def key_list(request: BotRequest) -> HttpResponse:
    """List the keys; make one and show it, this once."""
    if request.method != "POST":
        return _page(request)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, form=form)
    name, scopes = form.cleaned_data["name"], form.cleaned_data["scopes"]
    days = form.cleaned_data["days"]
    lasts = timedelta(days=days) if days else None
    try:
        issued = keys.issue(request.bot, name=name, scopes=scopes, by=request.user, lasts=lasts)
    except keys.TooManyLive:
        form.add_error("name", TWO_ARE_LIVE)
        return _page(request, status=422, form=form)
    return _page(request, issued=issued)


@require_POST
@may_manage
@bot_needed
@never_cache
def rotate(request: BotRequest, key_id: int) -> HttpResponse:
    """Make a second key like this one and show it, this once."""
    key = get_object_or_404(ApiKey.objects.of(request.bot), pk=key_id)
    try:
        return _page(request, issued=keys.rotate(key, by=request.user))
    except keys.TooManyLive:
        return _page(request, status=422, refused=TWO_ARE_LIVE)
    except keys.NotLive:
        return _page(request, status=409, refused=NOT_LIVE)


@require_POST
@may_manage
@bot_needed
def revoke(request: BotRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(ApiKey.objects.of(request.bot), pk=key_id)
    keys.revoke(key, by=request.user)
    messages.success(request, f"The key {key} of {key.name} is refused from now on.")
    return redirect("accounts:keys")


def _page(request: BotRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    rows = ApiKey.objects.of(request.bot).select_related("created_by").newest_first()
    page = {"form": KeyForm(), "keys": page_of(rows, request)}
    return render_tab(request, "accounts/keys.html", page | more, status=status)
