"""What granian loads. Takes in the whole body before a thread has to do with the request.

A client that sends half a body and then nothing would hold a thread for as long as it likes,
and there are only a few. Here it holds a few bytes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from django.conf import settings

from learnloop.bridge import Bridge, Scope, Send
from learnloop.wsgi import application as django

LARGEST_BODY = 10 * 1024 * 1024  # bytes
LARGEST_HEADERS = 32 * 1024  # bytes
BODY_WITHIN = 60.0  # seconds for all of it

Trouble = Literal["", "headers", "length", "size", "stalled"]
Receive = Callable[[], Awaitable[dict[str, Any]]]

in_threads = Bridge(
    django, threads=ThreadPoolExecutor(settings.WEB_THREADS, thread_name_prefix="web")
)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    body, trouble = b"", _trouble_before_reading(scope)
    if not trouble:
        try:
            body = await _body(receive)
        except TimeoutError:
            trouble = "stalled"
        except ClientLeft:
            return
    # refusals.refuse_bodies answers what is in trouble, in words.
    await in_threads(scope, body, send, told={"learnloop.trouble": trouble})


class ClientLeft(Exception):
    pass


async def _body(receive: Receive) -> bytes:
    """All of the body. Raise TimeoutError when nothing more comes, or it takes too long."""
    chunks = []
    more = True
    async with asyncio.timeout(BODY_WITHIN) as whole:
        while more:
            async with asyncio.timeout(settings.BODY_TIMEOUT):
                message = await receive()
            if message["type"] != "http.request":
                raise ClientLeft
            chunks.append(message.get("body", b""))
            more = message.get("more_body", False)
        whole.reschedule(None)
    return b"".join(chunks)


def _trouble_before_reading(scope: Scope) -> Trouble:
    """Why the body is not worth reading."""
    headers = scope["headers"]
    if sum(len(name) + len(value) for name, value in headers) > LARGEST_HEADERS:
        return "headers"
    named = dict(headers)
    if b"transfer-encoding" in named:
        return "length"
    return "size" if int(named.get(b"content-length", b"0")) > LARGEST_BODY else ""
