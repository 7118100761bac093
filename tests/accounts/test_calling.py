"""Calls out of the house: signed, and never to where they should not go"""

import json
from base64 import b64decode
from hashlib import sha256
from hmac import new as hmac
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from accounts import calling

SECRET = "whsec_" + "YWJj" * 8


class Listener(BaseHTTPRequestHandler):
    """Keeps what it was sent, and answers as its server says."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.heard.append((self.path, self.headers, body))
        self.send_response(self.server.answer)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def listener():
    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.heard, server.answer = [], 204
    server.url = f"http://127.0.0.1:{server.server_port}/anchors?of=log"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_is_signed_as_events_are(listener):
    body = json.dumps({"number": 5}).encode()
    headers = calling.signed(body, secret=SECRET)

    calling.post(listener.url, body, headers=headers, allow_private=True)

    ((path, heard, sent),) = listener.heard
    signed = f"{heard['webhook-id']}.{heard['webhook-timestamp']}.".encode() + sent
    expected = hmac(b64decode(SECRET.removeprefix("whsec_")), signed, sha256).digest()
    assert path == "/anchors?of=log"
    assert b64decode(heard["webhook-signature"].removeprefix("v1,")) == expected


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]",
     "192.168.0.1", "0.0.0.0", "224.0.0.1", "[fe80::1]", "2130706433"],
)  # fmt: skip
def test_a_private_address_is_not_called(listener, host):
    with pytest.raises(calling.NotDelivered, match="private network"):
        calling.post(f"http://{host}:{listener.server_port}/", b"", headers={})

    assert listener.heard == []


def test_a_redirect_is_not_followed(listener):
    listener.answer = 307

    with pytest.raises(calling.NotDelivered, match="answered 307 instead of 2xx"):
        calling.post(listener.url, b"{}", headers={}, allow_private=True)

    assert len(listener.heard) == 1


def test_nobody_there_is_said_in_a_sentence(listener):
    listener.shutdown()
    listener.server_close()

    with pytest.raises(calling.NotDelivered, match="did not take it"):
        calling.post(listener.url, b"{}", headers={}, allow_private=True)


def test_what_is_no_web_address_is_refused():
    with pytest.raises(calling.NotDelivered, match="must begin with https"):
        calling.post("file:///etc/passwd", b"", headers={})
