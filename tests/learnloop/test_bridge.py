"""learnloop/bridge.py, without a server: what passes from a shortcut to the application."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

from learnloop.bridge import BEGAN, BROKE, Bridge

SCOPE = SimpleNamespace(
    **{"method": "POST", "path": "/", "query_string": "", "scheme": "http", "http_version": "1.1"},
    **{"server": "127.0.0.1:8000", "client": "127.0.0.1:4000"},
)


class Answered(list):
    def close(self):
        pass


class Recorder:
    """A protocol, an application and a shortcut that note what they are told."""

    def __init__(self, shortcut_does):
        self.sent, self.environs, self.learned = [], [], []
        self._shortcut_does = shortcut_does

    def response_bytes(self, status, headers, body):
        self.sent.append((status, body))

    def application(self, environ, start_response):
        self.environs.append(environ)
        start_response("200 OK", [])
        return Answered([b"by the application"])

    def answer(self, *_):
        return self._shortcut_does()

    def learn(self, scope, headers, status, sent_back):
        self.learned.append(status)


def carried(shortcut_does):
    heard = Recorder(shortcut_does)
    with ThreadPoolExecutor(1) as threads:
        bridge = Bridge(heard.application, threads=threads)
        asyncio.run(bridge(SCOPE, [], b"", heard, told={}, shortcut=heard))
    return heard


def test_what_a_shortcut_answers_does_not_reach_the_application():
    heard = carried(lambda: (200, [], b"by the shortcut"))

    assert heard.sent == [(200, b"by the shortcut")]
    assert heard.environs == heard.learned == []


def test_what_it_leaves_is_the_applications():
    heard = carried(lambda: None)

    assert heard.sent == [(200, b"by the application")]
    assert heard.learned == [200]
    assert BROKE not in heard.environs[0]


def test_the_application_hears_by_what_a_shortcut_broke():
    error = RuntimeError("the line went")

    def breaks():
        raise error

    heard = carried(breaks)

    assert heard.environs[0][BROKE] is error
    assert 0 < time.perf_counter() - heard.environs[0][BEGAN] < 60
    assert heard.sent == [(200, b"by the application")]
