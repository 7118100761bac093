"""What everybody may change about themselves."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import people, second_factors
from accounts.forms import DetailsForm, NewPasswordForm
from accounts.models import Membership, User
from accounts.requests import PersonRequest
from accounts.views.coming_back import next_page


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: PersonRequest) -> HttpResponse:
    # Of an own copy: a form that is refused leaves its values on the object it is for.
    typed = request.POST if request.method == "POST" else None
    form = DetailsForm(typed, instance=User.objects.get(pk=request.user.pk))
    page = {
        "form": form,
        "memberships": Membership.objects.held_by(request.user),
        "has_second_factor": second_factors.is_on(request.user),
    }
    if request.method != "POST":
        return render(request, "accounts/account.html", page)
    if not form.is_valid():
        return render(request, "accounts/account.html", page, status=422)
    people.change_own_details(request.user, **form.cleaned_data)
    messages.success(request, "Saved.")
    return redirect("accounts:account")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: PersonRequest) -> HttpResponse:
    typed = request.POST if request.method == "POST" else None
    form = NewPasswordForm(request.user, typed)
    page = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    if request.method != "POST":
        return render(request, "accounts/password.html", page)
    if not form.is_valid():
        return render(request, "accounts/password.html", page, status=422)
    people.change_own_password(request.user, password=form.cleaned_data["new_password1"])
    # Ends every session but this one.
    update_session_auth_hash(request, request.user)
    messages.success(request, "Your password was changed. Other devices were logged out.")
    return redirect(next_page(request))
