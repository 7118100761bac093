"""Carries one request from granian's event loop to Django in a thread, and the answer back.

There and back is one hop each way: the answer of a page goes in one piece, however many headers
it has. (A library for this exists, a2wsgi. It hops for every piece: docs/decisions/0004.)
"""

import asyncio
import sys
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Iterator
from concurrent.futures import Executor
from io import BytesIO
from typing import Any, Protocol

Scope = dict[str, Any]
Environ = dict[str, Any]
Headers = list[tuple[bytes, bytes]]


class Send(Protocol):
    def __call__(self, message: dict[str, Any], /) -> Awaitable[None]: ...


class Application(Protocol):
    def __call__(self, environ: Environ, start_response: Any, /) -> Any: ...


class Bridge:
    """A WSGI application behind an executor, for bodies that were read before."""

    def __init__(self, application: Application, *, threads: Executor) -> None:
        self._application = application
        self._threads = threads

    async def __call__(self, scope: Scope, body: bytes, send: Send, *, told: Environ) -> None:
        """Answer the request. What is `told` goes into the environ beside it."""
        loop = asyncio.get_running_loop()
        environ = environ_of(scope, body) | told
        answer = await loop.run_in_executor(self._threads, self._answered, environ, send, loop)
        if answer is not None:
            status, headers, content = answer
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": content})

    def _answered(
        self, environ: Environ, send: Send, loop: AbstractEventLoop
    ) -> tuple[int, Headers, bytes] | None:
        """In a thread: the whole answer, or None if it was long and went out piece by piece."""
        begun: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            named = [
                (key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers
            ]
            begun.append((int(status[:3]), named))

        response = self._application(environ, start_response)
        try:
            if not getattr(response, "streaming", False):
                return *begun[-1], b"".join(response)
            for message in _messages(*begun[-1], response):
                asyncio.run_coroutine_threadsafe(_sent(message, send), loop).result()
        finally:
            response.close()
        return None


async def _sent(message: dict[str, Any], send: Send) -> None:
    await send(message)  # which is awaitable, and need not be a coroutine


def _messages(status: int, headers: Headers, pieces: Any) -> Iterator[dict[str, Any]]:
    yield {"type": "http.response.start", "status": status, "headers": headers}
    for piece in pieces:
        yield {"type": "http.response.body", "body": piece, "more_body": True}
    yield {"type": "http.response.body", "body": b""}


def environ_of(scope: Scope, body: bytes) -> Environ:
    """What WSGI (PEP 3333) says of a request that ASGI says in `scope`."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client")
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # PEP 3333: bytes of the address, each as the character of that number.
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0] if client else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue  # it would pass for the header with a hyphen, which a proxy may have set
        key = _key_of(name)
        said = value.decode("latin-1")
        environ[key] = f"{environ[key]},{said}" if key in environ else said
    return environ


def _key_of(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_LENGTH", "CONTENT_TYPE") else f"HTTP_{key}"
