"""Coming in, going out, and what the top bar changes."""

from typing import Any

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import second_factors, throttling
from accounts.forms import LoginForm
from accounts.requests import PersonRequest
from accounts.views import half_login
from accounts.views.coming_back import next_page, next_page_of_any_bot

YEAR = 60 * 60 * 24 * 365  # seconds


class Login(LoginView):
    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if not second_factors.is_on(user):
            return super().form_valid(form)
        half_login.begin(self.request, user, next_page=self.get_success_url())
        return redirect("accounts:login_code")

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


login = Login.as_view()


@never_cache
def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """What django-axes answers instead of the login page after too many tries."""
    username = (credentials or {}).get("username") or ""
    seconds = throttling.seconds_left(request, username=username)
    minutes = -(-seconds // 60)
    page = render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)
    page["Retry-After"] = str(seconds)
    return page


@require_POST
@login_not_required
def logout(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("accounts:login")


@require_POST
@login_not_required
def theme(request: HttpRequest) -> HttpResponse:
    response = redirect(next_page(request))
    match request.POST.get("theme"):
        case "light" | "dark" as chosen:
            response.set_cookie(
                "theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure()
            )
        case "system":
            response.delete_cookie("theme", samesite="Lax")
        case _:
            raise BadRequest("The theme is light, dark or system.")
    return response


@require_POST
def switch_bot(request: PersonRequest) -> HttpResponse:
    """Work on another bot from now on."""
    wanted = request.POST.get("slug")
    bot = next((bot for bot in request.bots if bot.slug == wanted), None)
    if bot is None:
        raise Http404
    request.session["bot"] = bot.pk
    request.named_bot = None
    return redirect(next_page_of_any_bot(request))
