"""How bots prove who they are, and the call that tells them."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.security import HttpBearer

from accounts import keys
from accounts.models import ApiKey, Scope
from accounts.refusals import Refusal, bad_key
from accounts.requests import KeyRequest

router = Router(tags=["key"])


class ApiKeyAuth(HttpBearer):
    """Lets a live key pass that has `scope`; without one, any live key.

    The key is `request.auth` then, with its bot.
    """

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiKey:
        # Not ninja's own reading of the header: with DEBUG on, it logs what it cannot read.
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise bad_key()
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        key = keys.recognise(token)
        if key is None:
            raise bad_key()
        if self.scope is not None and self.scope not in key.scopes:
            raise Refusal(
                403,
                "missing_scope",
                f"This key lacks the scope `{self.scope.value}`. Make one that has it "
                "under Settings, API keys.",
            )
        return key


class BotOut(Schema):
    slug: str
    name: str


class KeyOut(Schema):
    bot: BotOut
    name: str
    prefix: str
    scopes: list[Scope]
    expires_at: datetime | None


@router.get("key", auth=ApiKeyAuth(), response=KeyOut, url_name="key", summary="Check a key")
def key(request: KeyRequest) -> ApiKey:
    """Which bot the key belongs to, what it may do, and until when."""
    return request.auth
