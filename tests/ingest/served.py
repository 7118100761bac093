"""A running web server, for what a test client does not show: sockets, threads, real commits."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

import pytest
from django.core.management import call_command

from accounts import webhook_secrets
from learnloop import embedded
from tests.drills.machine import url_of_test_database
from tests.drills.test_up import free_port
from tests.factories import make_bot, make_operator
from tests.ingest.sending import ADDRESS, as_body, headers_for, key_of

BODY_TIMEOUT = 2  # seconds; less than in the product, so that tests need not wait


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def error(self):
        """What was refused: (status, code, field), after a look at the shape of the body."""
        assert set(self.json) == {"error", "request_id"}
        assert set(self.json["error"]) == {"code", "message", "field"}
        assert self.json["error"]["message"].endswith((".", "?"))
        return self.status, self.json["error"]["code"], self.json["error"]["field"]


class Served:
    """Where it listens, what it wrote to its log, and where it looks for artifacts."""

    def __init__(self, port, folder, redis_url):
        self.port = port
        self.log = folder / "web.log"
        self.artifacts = folder / "artifacts"
        self.redis_url = redis_url
        self.bot = self.secret = self.newer = self.revoked = None

    def ask(self, method, path, body=None, headers=()):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            lower = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, lower, response.read().decode())
        finally:
            connection.close()

    def send(self, content, *, webhook_id=None, headers=(), without=(), bot=None):
        """Post `content` signed with the bot's secret; `headers` go over the signed ones."""
        body = as_body(content)
        signed = self.signed(body, webhook_id=webhook_id) | dict(headers)
        kept = {name: value for name, value in signed.items() if name not in without}
        return self.ask("POST", f"{ADDRESS}?bot={bot or self.bot.slug}", body, kept)

    def signed(self, body, *, webhook_id=None):
        return headers_for(body, key=key_of(self.secret), webhook_id=webhook_id)

    def request(self, content, *, headers=None, webhook_id=None):
        """The same request as bytes, for raw sockets. Headers may be named twice."""
        body = as_body(content)
        named = [*self.signed(body, webhook_id=webhook_id).items()]
        named += headers if headers is not None else [("content-length", str(len(body)))]
        lines = [f"POST {ADDRESS}?bot={self.bot.slug} HTTP/1.1", "host: localhost"]
        lines += [f"{name}: {value}" for name, value in named]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def raw(self, sent):
        """The answer to these bytes."""
        with self.connect() as connection:
            connection.sendall(sent)
            return read_answer(connection)


def read_answer(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += _more(connection)
    return Answer(int(status.split()[1]), headers, body.decode())


def _more(connection):
    received = connection.recv(65536)
    assert received, "The server hung up without an answer."
    return received


@contextmanager
def web_server(folder):
    """`web` on the test database, and on a queue of its own that nobody reads."""
    port = free_port()
    with embedded.Servers(folder, postgres=False), (folder / "web.log").open("wb") as log:
        redis_url = embedded.addresses(folder).redis
        environment = os.environ | {
            "DATABASE_URL": url_of_test_database(),
            "REDIS_URL": redis_url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "LEARNLOOP_BODY_TIMEOUT": str(BODY_TIMEOUT),
            "LEARNLOOP_LOG_LEVEL": "DEBUG",
            "LEARNLOOP_ARTIFACTS": str(folder / "artifacts"),
            "PROMETHEUS_MULTIPROC_DIR": str(folder),
        }
        process = subprocess.Popen(
            [sys.executable, "manage.py", "web", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/healthz")
            yield Served(port, folder, redis_url)
        finally:
            process.terminate()
            process.wait(10)


def wait_until_it_answers(address, *, within=30):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{address} does not answer.")


@pytest.fixture(scope="session")
def web(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), web_server(tmp_path_factory.mktemp("web")) as served:
        yield served


@pytest.fixture(scope="module")
def served(web, django_db_blocker):
    """The server with a bot and its two secrets. What is stored stays until the module's end.

    Made here, because nobody else sees what a test writes: it is in a transaction.
    """
    with django_db_blocker.unblock():
        operator = make_operator("served")
        web.bot = make_bot("Bank bot", "bank-bot")
        make_bot("Travel bot", "travel-bot")
        web.revoked = webhook_secrets.issue(web.bot, by=operator)
        webhook_secrets.revoke(web.revoked.secret, by=operator)
        web.secret, web.newer = (webhook_secrets.issue(web.bot, by=operator) for _ in range(2))
    yield web
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)


def slug(text):
    """A short name for a case of a test."""
    return re.sub(r"\W+", "-", text)[:30]
