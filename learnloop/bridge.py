"""Carries one request from granian's event loop to Django in a thread, and the answer back.

The thread hands the whole answer to granian itself; the loop only hears that it is done. (A
library for this exists, a2wsgi. It hops for every piece of an answer: docs/decisions/0004.)
"""

import asyncio
import sys
import time
from asyncio import AbstractEventLoop, Future
from concurrent.futures import Executor
from io import BytesIO
from typing import Any, NamedTuple, Protocol

from granian.rsgi import HTTPProtocol, Scope

Environ = dict[str, Any]
Headers = list[tuple[str, str]]


class Application(Protocol):
    def __call__(self, environ: Environ, start_response: Any, /) -> Any: ...


class Shortcut(Protocol):
    """What may answer before the application, and hears what that answered.

    The application gets what it raises as `learnloop.broke`: doing it again could do it twice. What
    it writes into `told` is in the environ of the application.
    """

    def answer(
        self, scope: Scope, headers: Headers, body: bytes, told: Environ
    ) -> tuple[int, Headers, bytes] | None: ...

    def learn(self, scope: Scope, headers: Headers, status: int, sent_back: Headers) -> None: ...


class Bridge:
    """A WSGI application behind an executor, for bodies that were read before."""

    def __init__(self, application: Application, *, threads: Executor) -> None:
        self._application = application
        self._threads = threads

    async def __call__(
        self,
        scope: Scope,
        headers: Headers,
        body: bytes,
        protocol: HTTPProtocol,
        *,
        told: Environ,
        shortcut: Shortcut | None = None,
    ) -> None:
        """Answer the request. What is `told` goes into the environ beside it."""
        loop = asyncio.get_running_loop()
        # granian answers 500 for us if we return before the thread has answered.
        done: Future[None] = loop.create_future()
        asked = _Asked(scope, headers, body, protocol, told, shortcut)
        self._threads.submit(self._answer, asked, loop, done)
        await done

    def _answer(self, asked: "_Asked", loop: AbstractEventLoop, done: "Future[None]") -> None:
        try:
            if not asked.answered_by_shortcut():
                self._send(asked)
        finally:
            loop.call_soon_threadsafe(_set, done)

    def _send(self, asked: "_Asked") -> None:
        """Have the application answer: in one piece unless that is made piece by piece."""
        protocol = asked.protocol
        begun: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: Headers, _: Any = None) -> None:
            begun.append((int(status[:3]), headers))

        response = self._application(asked.environ(), start_response)
        try:
            if not getattr(response, "streaming", False):
                protocol.response_bytes(*begun[-1], b"".join(response))
                asked.teach(*begun[-1])
                return
            stream = protocol.response_stream(*begun[-1])
            for piece in response:
                _ = stream.send_bytes(piece)  # it is sent by now, and may be awaited
        finally:
            response.close()


class _Asked(NamedTuple):
    """One request, with its body."""

    scope: Scope
    headers: Headers
    body: bytes
    protocol: HTTPProtocol
    told: Environ
    shortcut: Shortcut | None

    def answered_by_shortcut(self) -> bool:
        if self.shortcut is None:
            return False
        self.told[BEGAN] = time.perf_counter()
        try:
            answer = self.shortcut.answer(self.scope, self.headers, self.body, self.told)
        except Exception as error:  # noqa: BLE001  the application breaks by it, and has words for it
            self.told[BROKE] = error
            return False
        if answer is not None:
            self.protocol.response_bytes(*answer)
        return answer is not None

    def teach(self, status: int, sent_back: Headers) -> None:
        if self.shortcut is not None:
            self.shortcut.learn(self.scope, self.headers, status, sent_back)

    def environ(self) -> Environ:
        return environ_of(self.scope, self.headers, self.body) | self.told


def _set(done: "Future[None]") -> None:
    if not done.done():  # nobody waits any more once the server is stopping
        done.set_result(None)


def environ_of(scope: Scope, headers: Headers, body: bytes) -> Environ:
    """What WSGI (PEP 3333) says of a request that RSGI says in `scope` and `headers`."""
    server, _, port = scope.server.rpartition(":")
    client, _, _ = scope.client.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        # PEP 3333: bytes of the address, each as the character of that number.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client.strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = KEYS.get(name) or _key_of(name)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ.pop(UNDERSCORED, None)
    return environ


BROKE, BEGAN = "learnloop.broke", "learnloop.began"
# A header with an underscore would pass for the one with a hyphen, which a proxy may have set.
UNDERSCORED = "learnloop.underscored"
KEYS = {"content-length": "CONTENT_LENGTH", "content-type": "CONTENT_TYPE"}


def _key_of(name: str) -> str:
    return UNDERSCORED if "_" in name else "HTTP_" + name.upper().replace("-", "_")
