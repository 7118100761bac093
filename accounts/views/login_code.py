"""The second page of the login, for those who have set up a second factor."""

import django_otp
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import second_factors
from accounts.forms import CodeForm
from accounts.models import Authenticator
from accounts.views import half_login
from accounts.views.codes import render_refusal
from accounts.views.half_login import HalfLogin

TEMPLATE = "accounts/login_code.html"
OVER = "You were not logged in: the code has to come within five minutes. Log in again."


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """Log in whoever gave the right password, once they give a code as well."""
    half = half_login.pending(request)
    if half is None:
        return _from_the_start(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    page = {"form": form}
    if not form.is_bound:
        return render(request, TEMPLATE, page)
    if not form.is_valid():
        return render(request, TEMPLATE, page, status=422)
    try:
        device = second_factors.check(half.user, code=form.answer)
    except second_factors.NotOn:
        return _from_the_start(request)
    except second_factors.CodeRefused as refused:
        return render_refusal(request, TEMPLATE, page, refused)
    return _come_in(request, half, device)


def _from_the_start(request: HttpRequest) -> HttpResponse:
    wanted = half_login.wanted_page(request)
    if not wanted or request.user.is_authenticated:
        return redirect("accounts:login")
    messages.warning(request, OVER)
    return redirect_to_login(wanted, resolve_url("accounts:login"))


def _come_in(request: HttpRequest, half: HalfLogin, device: Authenticator) -> HttpResponse:
    half_login.forget(request)
    auth.login(request, half.user, backend=half.backend)  # under a new session key
    django_otp.login(request, device)
    return redirect(half.next_page)
