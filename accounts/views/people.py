"""All people of the install, for its operators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import people, second_factors
from accounts.forms import PersonForm
from accounts.models import User
from accounts.paging import page_of
from accounts.requests import PersonRequest
from accounts.views.tabs import render_tab

YOURSELF = "Nothing was changed: your own account is closed by another operator."
YOUR_OWN = "Nothing was changed: change your own password on your account page."
YOUR_OWN_FACTOR = "Nothing was changed: turn your own second factor off on your account page."
LAST_OPERATOR = "Nothing was changed: without an operator nobody could look after this install."

operators_only = permission_required("accounts.add_user", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
@never_cache
def person_list(request: PersonRequest) -> HttpResponse:
    """List people; make one and show their password, this once."""
    if request.method != "POST":
        return _page(request)
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, form=form)
    try:
        return _page(request, made=people.create(by=request.user, **form.cleaned_data))
    except people.UsernameTaken:
        form.add_error("username", "Somebody has this username. Choose another.")
        return _page(request, status=422, form=form)


@require_POST
@operators_only
def deactivate(request: PersonRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=person_id)
    try:
        people.deactivate(person, by=request.user)
    except people.Yourself:
        return _page(request, status=422, refused=YOURSELF)
    except people.LastOperator:
        return _page(request, status=422, refused=LAST_OPERATOR)
    messages.success(request, f"{person.shown_name} is logged out and cannot come in any more.")
    return redirect("accounts:people")


@require_POST
@operators_only
def reactivate(request: PersonRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=person_id)
    people.reactivate(person, by=request.user)
    messages.success(request, f"{person.shown_name} can log in again.")
    return redirect("accounts:people")


@require_POST
@operators_only
def appoint_auditor(request: PersonRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=person_id)
    people.appoint_auditor(person, by=request.user)
    messages.success(request, f"{person.shown_name} can look at everything under Audit.")
    return redirect("accounts:people")


@require_POST
@operators_only
def dismiss_auditor(request: PersonRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=person_id)
    people.dismiss_auditor(person, by=request.user)
    messages.success(request, f"{person.shown_name} is no auditor any more.")
    return redirect("accounts:people")


@require_POST
@operators_only
@never_cache
def reset_password(request: PersonRequest, person_id: int) -> HttpResponse:
    """Give somebody a new password and show it, this once."""
    person = get_object_or_404(User, pk=person_id)
    try:
        return _page(request, made=people.reset_password(person, by=request.user))
    except people.Yourself:
        return _page(request, status=422, refused=YOUR_OWN)


@require_POST
@operators_only
def reset_second_factor(request: PersonRequest, person_id: int) -> HttpResponse:
    """Let somebody who lost their phone and their recovery codes in with the password alone."""
    person = get_object_or_404(User, pk=person_id)
    try:
        second_factors.reset(person, by=request.user)
    except people.Yourself:
        return _page(request, status=422, refused=YOUR_OWN_FACTOR)
    messages.success(request, f"{person.shown_name} logs in with the password alone from now on.")
    return redirect("accounts:people")


def _page(request: PersonRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    rows = User.objects.matching(words).with_second_factor().by_username()
    page = {"form": PersonForm(), "people": page_of(rows, request), "words": words}
    return render_tab(request, "accounts/people.html", page | more, status=status)
