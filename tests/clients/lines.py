"""Connections that fail in ways of their own, to a server that is real."""

import httpx
from learnloop_client import Retry


class Unreliable(httpx.BaseTransport):
    """Hands requests on, but for what `plan` says of each: None, an exception, or an answer.

    An exception strikes after the server has answered, as where a connection breaks too early.
    """

    def __init__(self, *plan):
        self._plan = list(plan)
        self._line = httpx.HTTPTransport()
        self.requests = []

    def handle_request(self, request):
        self.requests.append(request)
        trouble = self._plan.pop(0) if self._plan else None
        if isinstance(trouble, httpx.Response):
            return trouble
        response = self._line.handle_request(request)
        if trouble is not None:
            response.read()
            raise trouble
        return response

    def close(self):
        self._line.close()


class Waits(list):
    """The seconds that were waited, without waiting."""

    def retry(self, **fields):
        return Retry(sleep=self.append, **fields)
