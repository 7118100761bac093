"""Setting up the second factor of one's own login, and turning it off."""

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import django_otp
import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import second_factors
from accounts.forms import AppCodeForm, CodeForm
from accounts.models import Authenticator
from accounts.requests import PersonRequest
from accounts.views.codes import render_refusal
from accounts.views.coming_back import next_page

TEMPLATE = "accounts/second_factor.html"
NOT_OPEN = (
    "Nothing was changed: this was finished, ended or left for half an hour in the meantime. "
    "This is how it stands now."
)
SCALE, QUIET_ZONE = 5, 4  # pixels for a square; squares around the code


@dataclass(frozen=True)
class Picture:
    address: str
    size: int  # pixels


@require_http_methods(["GET", "HEAD"])
@never_cache
def page(request: PersonRequest) -> HttpResponse:
    """Say how it stands; show the secret while it is being set up."""
    return render(request, TEMPLATE, _page(request))


@require_POST
@never_cache
def start(request: PersonRequest) -> HttpResponse:
    """Make a secret for the app. One that was made before and not confirmed is forgotten."""
    try:
        second_factors.start(request.user)
    except second_factors.AlreadyOn:
        return _not_open(request)
    query = urlencode({"next": _next_page(request)})
    return redirect(f"{resolve_url('accounts:second_factor')}?{query}")


@require_POST
@never_cache
@sensitive_post_parameters()
def confirm(request: PersonRequest) -> HttpResponse:
    """Turn it on, and show the recovery codes, this once."""
    form = AppCodeForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, _page(request, form=form), status=422)
    try:
        made = second_factors.confirm(request.user, code=form.answer)
    except second_factors.NotOn:
        return _not_open(request)
    except second_factors.CodeRefused as refused:
        return render_refusal(request, TEMPLATE, _page(request, form=form), refused)
    request.session.cycle_key()
    django_otp.login(request, Authenticator.objects.of(request.user).in_use().get())
    return render(request, TEMPLATE, _page(request, made=made, just_turned_on=True))


@require_POST
@never_cache
@sensitive_post_parameters()
def new_codes(request: PersonRequest) -> HttpResponse:
    """Make ten new recovery codes and show them, this once."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, _page(request, form=form), status=422)
    try:
        made = second_factors.new_recovery_codes(request.user, code=form.answer)
    except second_factors.NotOn:
        return _not_open(request)
    except second_factors.CodeRefused as refused:
        return render_refusal(request, TEMPLATE, _page(request, form=form), refused)
    return render(request, TEMPLATE, _page(request, made=made))


@require_POST
@never_cache
@sensitive_post_parameters()
def turn_off(request: PersonRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, _page(request, form=form), status=422)
    try:
        second_factors.turn_off(request.user, code=form.answer)
    except second_factors.NotOn:
        return _not_open(request)
    except second_factors.CodeRefused as refused:
        return render_refusal(request, TEMPLATE, _page(request, form=form), refused)
    messages.success(request, "Your second factor is off. Delete its entry in the app as well.")
    return redirect("accounts:second_factor")


def _not_open(request: PersonRequest) -> HttpResponse:
    return render(request, TEMPLATE, _page(request, refused=NOT_OPEN), status=409)


def _page(request: PersonRequest, **more: Any) -> dict[str, Any]:
    user = request.user
    shown: dict[str, Any] = {
        "next": _next_page(request),
        "is_on": second_factors.is_on(user),
        "needed": settings.ADMINS_NEED_SECOND_FACTOR and user.is_admin_anywhere,
    }
    if shown["is_on"]:
        shown |= {"form": CodeForm(), "left": second_factors.recovery_codes_left(user)}
    elif waiting := second_factors.being_set_up(user):
        shown |= {"form": AppCodeForm(), "waiting": waiting, "picture": _picture(waiting)}
    return shown | more


def _next_page(request: PersonRequest) -> str:
    asked_for = request.POST.get("next") or request.GET.get("next")
    return next_page(request) if asked_for else resolve_url("accounts:account")


def _picture(waiting: Authenticator) -> Picture:
    """What a phone reads off the screen."""
    code, svg = segno.make_qr(waiting.config_url, error="m"), BytesIO()
    # Dark on light in both themes: many apps read nothing else.
    code.save(
        svg, kind="svg", scale=SCALE, border=QUIET_ZONE, dark="#000", light="#fff", xmldecl=False
    )
    width, _ = code.symbol_size(scale=SCALE, border=QUIET_ZONE)
    return Picture(f"data:image/svg+xml;base64,{b64encode(svg.getvalue()).decode()}", int(width))
