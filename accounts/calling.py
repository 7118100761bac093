"""Calls out: a POST to an address that somebody configured, and no way into our own network.

The name is resolved once and that very address is called, so that nobody answers differently the
second time. No redirect is followed, and nothing takes longer than a few seconds.
"""

import ipaddress
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import new as hmac
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import monotonic, time
from urllib.parse import SplitResult, urlsplit
from uuid import uuid4

TIMEOUT = 5.0  # seconds, for each step
LONGEST_ANSWER = 64 * 1024  # bytes; what is beyond is not read
PORTS = {"https": 443, "http": 80}


class NotDelivered(Exception):
    """Nobody has taken it. `str()` of it says why, to a person."""


def post(url: str, body: bytes, *, headers: Mapping[str, str], allow_private: bool = False) -> None:
    """POST `body` to `url`. Raise NotDelivered unless the answer is a 2xx."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise NotDelivered("The address of the webhook must begin with https:// or http://.")
    port = parts.port or PORTS[parts.scheme]
    connection = _connection(parts, _resolved(parts.hostname, port, allow_private), port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    began = monotonic()
    try:
        connection.request("POST", path, body, {"Host": parts.netloc.rpartition("@")[2], **headers})
        answer = connection.getresponse()
        answer.read(LONGEST_ANSWER)
    except (OSError, HTTPException) as trouble:
        waited = monotonic() - began
        raise NotDelivered(
            f"{parts.hostname} did not take it within {waited:.0f} s ({type(trouble).__name__})."
        ) from trouble
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise NotDelivered(f"{parts.hostname} answered {answer.status} instead of 2xx.")


def signed(body: bytes, *, secret: str) -> dict[str, str]:
    """The headers of Standard Webhooks for a body; `secret` is `whsec_…`."""
    name, moment = f"msg_{uuid4().hex}", str(int(time()))
    key = b64decode(secret.removeprefix("whsec_"))
    digest = hmac(key, f"{name}.{moment}.".encode() + body, sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": "v1," + b64encode(digest).decode(),
    }


def _resolved(host: str, port: int, allow_private: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as trouble:
        raise NotDelivered(f"No address is known for {host}.") from trouble
    addresses = [str(place[0]) for *_, place in found]
    if not allow_private and not all(_is_public(address) for address in addresses):
        raise NotDelivered(
            f"{host} is an address of a private network, which is not called unless it is allowed."
        )
    return addresses[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(parsed, "ipv4_mapped", None) or parsed
    return inner.is_global and not inner.is_multicast


def _connection(parts: SplitResult, address: str, port: int) -> HTTPConnection:
    if parts.scheme == "http":
        return HTTPConnection(address, port, timeout=TIMEOUT)
    return _NamedHTTPS(address, port, name=str(parts.hostname))


class _NamedHTTPS(HTTPSConnection):
    """Calls an address, and asks it for the certificate of the name that it was found under."""

    def __init__(self, address: str, port: int, *, name: str) -> None:
        self._secure = ssl.create_default_context()
        super().__init__(address, port, timeout=TIMEOUT, context=self._secure)
        self._name = name

    def connect(self) -> None:
        raw = socket.create_connection((self.host, self.port), self.timeout)
        self.sock = self._secure.wrap_socket(raw, server_hostname=self._name)
