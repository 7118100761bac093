"""Answers a bot's plain question without Django around it, and leaves everything else to Django.

Django's request and middleware, ninja and the log took a third of what one predicted text costs
beside the model. What they make of a request that goes well depends on its headers alone: a first
one with these headers goes through Django, and once that was answered well, the next ones are
answered here, with the headers that the first was answered with.
"""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from django.db import close_old_connections
from granian.rsgi import Scope

Headers = list[tuple[str, str]]
# What makes of a token and a body the body of a 200, or None for anything but that. Into the last
# it writes what Django is to know then.
Answer = Callable[[str, bytes, dict[str, Any]], bytes | None]

GOOD = 200
AUTHORIZATION, REQUEST_ID = "authorization", "x-request-id"
# Another in every request, and looked at here or by nobody.
ITS_OWN = frozenset({AUTHORIZATION, REQUEST_ID, "content-length", "traceparent", "tracestate"})
ANOTHER_EACH_TIME = frozenset({REQUEST_ID, "content-length"})  # of those that are sent back
MOST_KNOWN = 256  # sets of headers; a bot sends the same ones every time

Known = tuple[Any, ...]


class FastPath:
    """To one address. Whatever it cannot answer well is Django's."""

    def __init__(self, path: str, answer: Answer, *, route: str) -> None:
        from learnloop.metrics import FAST_ANSWERS, REQUEST_SECONDS

        self._path = path
        self._answer = answer
        self._count = FAST_ANSWERS
        self._seconds = REQUEST_SECONDS.labels("POST", route, GOOD)
        self._known: dict[Known, Headers] = {}

    def leads_there(self, scope: Scope) -> bool:
        return scope.path == self._path and scope.method == "POST" and not scope.query_string

    def answer(
        self, scope: Scope, headers: Headers, body: bytes, told: dict[str, Any]
    ) -> tuple[int, Headers, bytes] | None:
        """Status, headers and body, or None where Django is to answer; raise what that raises."""
        began = time.perf_counter()
        known = self._known.get(_same_every_time(scope, headers))
        if known is None:
            return None
        its_own = dict(pair for pair in headers if pair[0] in ITS_OWN)
        scheme, _, token = its_own.get(AUTHORIZATION, "").partition(" ")
        if scheme.lower() != "bearer" or len(headers) != len({name for name, _ in headers}):
            return None
        # Not the one that came: what stands in the log is ours to choose, as it is Django's.
        request_id = str(uuid4())
        structlog.contextvars.bind_contextvars(request_id=request_id)
        close_old_connections()  # as Django does at the beginning of each request
        said = self._answer(token.strip(), body, told)
        if said is None:
            return None
        structlog.contextvars.clear_contextvars()
        self._count.inc()
        self._seconds.observe(time.perf_counter() - began)
        return GOOD, [*known, (REQUEST_ID, request_id), ("content-length", str(len(said)))], said

    def learn(self, scope: Scope, headers: Headers, status: int, sent_back: Headers) -> None:
        """Hear with what Django answered."""
        if status != GOOD or any(name.lower() == "set-cookie" for name, _ in sent_back):
            return
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[_same_every_time(scope, headers)] = [
            pair for pair in sent_back if pair[0].lower() not in ANOTHER_EACH_TIME
        ]


def _same_every_time(scope: Scope, headers: Headers) -> Known:
    """All of a request that Django and its middleware look at, but the path and the key."""
    return scope.scheme, *(pair for pair in headers if pair[0] not in ITS_OWN)


def to_predict() -> FastPath:
    """Make the way to /predict. Django is set up by then."""
    from serving.api import plain

    return FastPath("/api/v1/predict", plain.answer, route="api:predict")
