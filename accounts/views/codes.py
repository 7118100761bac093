"""What somebody reads whose code was not taken."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.second_factors import CodeRefused, TooSoon

WRONG = (
    "This code is not right, or it was used before. Wait until your app shows the next one and "
    "type that. If none is taken, set the clock of the phone to the exact time."
)
TOO_SOON = (
    "Too many wrong codes. To keep the account safe, no code is looked at for {pause}, not even "
    "a right one. Wait, then type the one that your app shows."
)


def render_refusal(
    request: HttpRequest, template: str, page: dict[str, Any], refused: CodeRefused
) -> HttpResponse:
    """The page again; `page["form"]` says why, and for how long to wait."""
    form: forms.Form = page["form"]
    if not isinstance(refused, TooSoon):
        form.add_error(None, WRONG)
        return render(request, template, page, status=422)
    form.add_error(None, TOO_SOON.format(pause=_words(refused.seconds)))
    response = render(request, template, page, status=429)
    response["Retry-After"] = str(refused.seconds)
    return response


def _words(seconds: int) -> str:
    count, unit = (seconds, "second") if seconds < 120 else (-(-seconds // 60), "minute")
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"
