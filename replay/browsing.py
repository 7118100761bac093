"""A person's browser, without scripts: pages, and the forms that are in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Any

import httpx

TIMEOUT = httpx.Timeout(60.0, connect=5.0)  # seconds


class Trouble(Exception):
    """A page did not come as it should. `str()` of it says which."""


@dataclass
class Form:
    """What would be sent if nobody typed anything."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Gathers the forms of a page with what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(has.get("action", ""))
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "input" and has.get("name") and _is_sent(has):
            self._open.fields[has["name"]] = has.get("value", "")
        elif tag == "textarea" and has.get("name"):
            self._open.fields[has["name"]] = ""
        elif tag == "select":
            self._select = has.get("name", "")
        elif tag == "option" and self._select and "selected" in has:
            self._open.fields[self._select] = has.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""


def _is_sent(has: dict[str, str]) -> bool:
    kind = has.get("type", "text")
    return kind not in ("submit", "radio", "checkbox") or (
        kind in ("radio", "checkbox") and "checked" in has
    )


def forms_in(page: str) -> list[Form]:
    parser = _Forms()
    parser.feed(page)
    return parser.forms


class Browser:
    """One person at one install."""

    def __init__(self, url: str) -> None:
        # Over HTTPS a form is only taken from a page of the same place.
        headers = {"referer": url}
        self._http = httpx.Client(
            base_url=url, timeout=TIMEOUT, follow_redirects=True, headers=headers
        )

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: str) -> str:
        return self._page(self._http.get(path, params=query or None), path)

    def log_in(self, username: str, password: str) -> None:
        """Raise Trouble where a name and a password are not enough."""
        page = self._sent(self.form("/login/", "username"), username=username, password=password)
        if page.url.path.startswith("/login/") or page.url.path.startswith("/account/"):
            raise Trouble(
                f"{username} could not log in at {page.url}. Does this install ask for a second "
                "factor? A replay cannot give one."
            )

    def form(self, path: str, having: str, **query: str) -> Form:
        """The form on a page that has a field of that name."""
        return self.form_of(self.get(path, **query), having, path)

    @staticmethod
    def form_of(page: str, having: str, path: str, *, to: str = "") -> Form:
        for form in forms_in(page):
            if having in form.fields and to in form.action:
                return Form(form.action or path, form.fields)
        raise Trouble(f"The page {path} has no form with {having}.")

    def send(self, form: Form, **typed: str) -> str:
        """Send a form with what is typed over what it held; the page that comes."""
        return self._page(self._sent(form, **typed), form.action)

    def _sent(self, form: Form, **typed: str) -> httpx.Response:
        return self._http.post(form.action, data=form.fields | typed)

    @staticmethod
    def _page(response: httpx.Response, path: str) -> str:
        if response.is_success:
            return response.text
        raise Refused(path, response)


class Refused(Trouble):
    """A form was not taken, or a page not shown. `page` says why."""

    def __init__(self, path: str, response: httpx.Response) -> None:
        super().__init__(f"{path} answered {response.status_code}.")
        self.status = response.status_code
        self.page: Any = response.text
