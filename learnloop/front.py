"""What granian loads. Takes in the whole body before a thread has to do with the request.

A client that sends half a body and then nothing would hold a thread for as long as it likes,
and there are only a few. Here it holds a few bytes.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from django.conf import settings
from granian.rsgi import HTTPProtocol, ProtocolError, Scope

from learnloop import fast_path
from learnloop.bridge import Bridge
from learnloop.wsgi import application as django

LARGEST_BODY = 10 * 1024 * 1024  # bytes
LARGEST_HEADERS = 32 * 1024  # bytes
BODY_WITHIN = 60.0  # seconds for all of it
# Comes within the time for one piece of a larger one, or it has stalled.
ONE_PIECE = 64 * 1024  # bytes

Trouble = Literal["", "headers", "length", "size", "stalled"]

in_threads = Bridge(
    django, threads=ThreadPoolExecutor(settings.WEB_THREADS, thread_name_prefix="web")
)
to_predict = fast_path.to_predict()


async def application(scope: Scope, protocol: HTTPProtocol) -> None:
    headers = scope.headers.items()
    body, trouble = b"", _trouble_before_reading(headers)
    if not trouble:
        try:
            body = await _body(protocol, length=int(scope.headers.get("content-length", "0")))
        except TimeoutError:
            trouble = "stalled"
        except ProtocolError:
            return  # the client left in the middle
    # refusals.refuse_bodies answers what is in trouble, in words.
    shortcut = to_predict if not trouble and to_predict.leads_there(scope) else None
    told = {"learnloop.trouble": trouble}
    await in_threads(scope, headers, body, protocol, told=told, shortcut=shortcut)


async def _body(protocol: HTTPProtocol, *, length: int) -> bytes:
    """All of the body. Raise TimeoutError when nothing more comes, or it takes too long."""
    if not length:
        return b""
    if length > ONE_PIECE:
        return await _body_in_pieces(protocol)
    async with asyncio.timeout(settings.BODY_TIMEOUT):
        return await protocol()


async def _body_in_pieces(protocol: HTTPProtocol) -> bytes:
    pieces: list[bytes] = []
    coming = aiter(protocol)
    async with asyncio.timeout(BODY_WITHIN):
        while True:
            async with asyncio.timeout(settings.BODY_TIMEOUT):
                # It ends with an empty one.
                piece = await anext(coming)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)


def _trouble_before_reading(headers: list[tuple[str, str]]) -> Trouble:
    """Why the body is not worth reading."""
    size, length = 0, "0"
    for name, value in headers:
        size += len(name) + len(value)
        if name == "transfer-encoding":
            return "length"
        if name == "content-length":
            length = value
    if size > LARGEST_HEADERS:
        return "headers"
    return "size" if int(length) > LARGEST_BODY else ""
