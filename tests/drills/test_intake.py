"""An acknowledged event is never lost, while the web server is killed (promise 1)."""

import contextlib
import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException

import psutil
import pytest
from django.db import connections

from accounts import webhook_secrets
from accounts.pseudonyms import salt_of
from ingest.identities import event_id
from ingest.models import Conversation, Delivery, IncomingEvent, Turn
from learnloop import embedded
from learnloop.supervisor import Supervisor
from tests.drills.machine import kill, url_of_test_database
from tests.drills.test_up import free_port
from tests.factories import make_bot, make_operator
from tests.ingest.sending import ADDRESS, an_event, as_body, headers_for, key_of

CLIENTS = 8
TURNS = 5  # of a conversation
GIVE_UP_AFTER = 60  # seconds without a single answer


class WebServer:
    """`web` under the real supervisor, and how it is killed."""

    def __init__(self, folder, monkeypatch):
        self._folder = folder / "data"
        self._env = monkeypatch
        self.port = free_port()
        self.said = []

    def __enter__(self):
        self._servers = embedded.Servers(self._folder, postgres=False)
        self._servers.__enter__()
        self._env.setenv("DATABASE_URL", url_of_test_database())
        self._env.setenv("REDIS_URL", embedded.addresses(self._folder).redis)
        self._env.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
        self._supervisor = Supervisor(self._servers, log=self._folder / "log", say=self.said.append)
        self._supervisor.start("web", "web", "--port", str(self.port))
        return self

    def __exit__(self, *_):
        self._supervisor.stop()
        self._servers.stop()
        connections.close_all()

    def run(self, seconds):
        """Let time pass, starting again what ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._supervisor.look_after()
            time.sleep(0.02)

    def be_up(self):
        while not self.listens():
            self.run(0.05)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def hurt(self, *, everything):
        """Kill what answers, or also what looks after it, waiting for it if there is none."""
        while not kill(self._victims(everything)):
            self.run(0.05)

    def _victims(self, everything):
        with contextlib.suppress(psutil.NoSuchProcess):
            main = psutil.Process(self._supervisor.process_id("web"))
            answering = main.children(recursive=True)
            return [main, *answering] if everything else answering
        return []


class Client:
    """Sends events one after the other until each was acknowledged."""

    def __init__(self, number, port, key, bodies):
        self.acknowledged, self.tries = [], 0
        self._number, self._port, self._key, self.bodies = number, port, key, bodies
        self._connection = None

    def send_all(self):
        for place, (name, body) in enumerate(self.bodies):
            deadline = time.monotonic() + GIVE_UP_AFTER
            while self._try(body, f"m-{self._number}-{place}") not in (200, 202):
                assert time.monotonic() < deadline, "It never came back."
                time.sleep(0.05)
            self.acknowledged.append(name)
        self._connection.close()

    def _try(self, body, webhook_id):
        """The status; 0 if the connection broke, so that nobody knows what became of it."""
        self.tries += 1
        headers = headers_for(body, key=self._key, webhook_id=webhook_id)
        try:
            self._connection = self._connection or HTTPConnection(
                "127.0.0.1", self._port, timeout=10
            )
            self._connection.request("POST", f"{ADDRESS}?bot=bank-bot", body, headers)
            response = self._connection.getresponse()
            response.read()
        except (OSError, HTTPException):
            self._connection.close()
            self._connection = None
            return 0
        assert response.status in (200, 202, 503), response.status
        return response.status


def some_events(client, count):
    return [
        (
            f"e-{client}-{number}",
            as_body(
                an_event(
                    event_id=f"e-{client}-{number}",
                    conversation_id=f"c-{client}-{number // TURNS}",
                    user_input=f"I want {number % 50} of these.",
                )
            ),
        )
        for number in range(count)
    ]


@pytest.fixture
def web(transactional_db, tmp_path, monkeypatch):
    with WebServer(tmp_path, monkeypatch) as web:
        web.be_up()
        yield web


def test_every_acknowledged_event_is_stored_once_while_the_web_server_is_killed(web, full_size):
    count, kills, pause = (10_000, 20, 2.0) if full_size else (400, 3, 0.3)
    bot = make_bot("Bank bot", "bank-bot")
    key = key_of(webhook_secrets.issue(bot, by=make_operator()))
    events = [some_events(number, count // CLIENTS) for number in range(CLIENTS)]
    clients = [Client(number, web.port, key, mine) for number, mine in enumerate(events)]
    began = time.monotonic()

    with ThreadPoolExecutor(CLIENTS) as threads:
        sending = [threads.submit(client.send_all) for client in clients]
        lost = lost_in_kills(web, clients, kills=kills, pause=pause, salt=salt_of(bot))
        while not all(each.done() for each in sending):
            web.run(0.1)
    for each in sending:
        each.result()

    tries = sum(client.tries for client in clients)
    print(f"\n{count} events, {kills} kills in {time.monotonic() - began:.0f} s; {tries} tries")
    assert lost == []
    assert IncomingEvent.objects.count() == Turn.objects.count() == count
    assert Delivery.objects.count() == count
    assert set(Conversation.objects.values_list("turn_count", flat=True)) == {TURNS}


def lost_in_kills(web, clients, *, kills, pause, salt):
    """Kill the server again and again; the events that were acknowledged before and not there."""
    rng, lost = random.Random(7), []
    for number in range(kills):
        web.run(rng.uniform(0.05, pause))
        acknowledged = [name for client in clients for name in list(client.acknowledged)]
        web.hurt(everything=number % 2 == 1)
        stored = set(IncomingEvent.objects.values_list("pk", flat=True))
        lost += [name for name in acknowledged if event_id(name, salt=salt) not in stored]
        web.be_up()
    assert any(len(client.acknowledged) < len(client.bodies) for client in clients)
    return lost
