"""Who asks: what is checked before a byte of the JSON is looked at."""

import time

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from accounts.models import Scope
from accounts.refusals import Refusal, bad_key
from ingest.api.signed import refuse_other_than_json
from ingest.metering import Meter
from serving.callers import CALLERS, Caller

# Of this process: a shared count would make the queue a condition for answering.
METER = Meter()
# In the environ, from the fast path: by what it broke, for us to say; that the request has had its
# place in the rate; and which turn's id stands for something else.
BROKE, COUNTED, CONFLICT = "learnloop.broke", "learnloop.counted", "learnloop.conflict"


class KeyedRequest(HttpRequest):
    """A bot has shown its key."""

    auth: Caller


class Keyed(HttpBearer):
    """Lets a live key pass that has `scope`. What is needed to answer is `request.auth` then."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller:
        if broke := request.META.get(BROKE):
            raise broke
        # As accounts.api.ApiKeyAuth does: ninja's own reading would log what it cannot read.
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise bad_key()
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        now = time.monotonic()
        caller = CALLERS.with_token(token, at=now)
        if caller is None:
            raise bad_key()
        if self.scope.value not in caller.scopes:
            raise Refusal(
                403,
                "missing_scope",
                f"This key lacks the scope `{self.scope.value}`. Make one that has it "
                "under Settings, API keys.",
            )
        if not (request.META.get(COUNTED) or self._has_room(caller, now)):
            raise Refusal(
                429,
                "too_many",
                f"Send at most {settings.PREDICT_RATE} requests a second, or batches. Nothing of "
                "this request was stored; send it again.",
                retry_after=1,
            )
        request.META[COUNTED] = True
        refuse_other_than_json(request)
        return caller

    @staticmethod
    def _has_room(caller: Caller, now: float) -> bool:
        return METER.takes(caller.bot_id, most=settings.PREDICT_RATE, at=now)
