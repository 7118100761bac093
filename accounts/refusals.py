"""How the API says no. One body for every reason; what was sent is never echoed."""

import structlog
from django.http import JsonResponse


class Refusal(Exception):
    """Ends an API request. `message` tells the developer at the other end what to do."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        retry_after: int | None = None,  # seconds
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.retry_after = retry_after

    def response(self, *, request_id: str | None = None) -> JsonResponse:
        """The answer. `request_id` is the one of the request being answered if not given."""
        known = structlog.contextvars.get_contextvars().get("request_id")
        body = {
            "error": {"code": self.code, "message": self.message, "field": self.field},
            "request_id": request_id or known,
        }
        response = JsonResponse(body, status=self.status)
        if self.retry_after is not None:
            response["Retry-After"] = str(self.retry_after)
        if self.code == "bad_key":
            response["WWW-Authenticate"] = "Bearer"
        return response


def is_for_programs(path: str) -> bool:
    """Whether what answers at `path` says no in the API's way, or with a page."""
    return path.startswith("/api/") and path != "/api/docs"


def bad_key() -> Refusal:
    """The same for every reason, so that nobody learns which keys exist."""
    return Refusal(
        401,
        "bad_key",
        "Send a live API key of your bot as `Authorization: Bearer ll_…`. "
        "Keys are made under Settings, API keys.",
    )


def login_needed() -> Refusal:
    return Refusal(401, "login_needed", "Log in first, then ask again.")
