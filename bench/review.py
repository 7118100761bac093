"""What the review screen costs, however many items wait: its card and its answers over HTTP.

    ./loop bench review [--sizes 1000,20000,200000,1000000] [--answers 400]

A web server (granian) on an embedded database with that many open items. `card` holds the next
item and sends its fragment; `answer` is what a browser does for one: it fetches the next card
ahead and saves the answer. 1 and 8 annotators ask as fast as they are answered, on connections
that stay open. CPU is that of the web server and of PostgreSQL, read from the kernel.
"""

import argparse
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from bench.jobs import cpu_of_tree
from bench.queue import filled, people_of, set_up
from bench.start import CHECKOUT, free_port

ANNOTATORS = (1, 8)
CSRF = "0" * 32
FORM = {"content-type": "application/x-www-form-urlencoded", "hx-request": "true"}
MOST_CARD_MS, MOST_ANSWER_MS, LEAST_PER_SECOND = 12, 10, 40


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,20000,200000,1000000")
    parser.add_argument("--answers", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "WARNING"
        from learnloop import embedded

        with embedded.Servers(Path(folder)) as servers:
            set_up()
            with web() as served:
                sizes = [int(size) for size in options.sizes.split(",")]
                measure(sizes, options, Meter(servers, served), served.port)


@contextmanager
def web():
    """The web server as `up` starts it, on the servers of this bench."""
    from learnloop.settings import DATABASE_URL, REDIS_URL

    port = free_port()
    environment = os.environ | {"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "web", "--port", str(port)], cwd=CHECKOUT, env=environment
    )
    process.port = port
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(10)


class Meter:
    def __init__(self, servers, served):
        self._database = servers.running["postgres"].pid
        self._web = served.pid

    def cpu(self):
        return cpu_of_tree(self._web), cpu_of_tree(self._database)


def measure(sizes, options, meter, port):
    print(f"load of this machine before: {os.getloadavg()[0]:.1f}")
    print(
        f"{'open':>9} {'people':>6}  {'':8} {'times':>6} {'CPU ms':>7} {'web':>6} {'database':>8} "
        f"{'p50 ms':>7} {'p95 ms':>7} {'per s':>6}"
    )
    for number, size in enumerate(sizes):
        bot = filled(number, size)
        for people in ANNOTATORS:
            answers = min(options.answers, size // 4) // people
            with annotators(bot, people, port) as everybody, ThreadPoolExecutor(people) as threads:
                each(threads, everybody, Annotator.take, 20)  # warm
                cards = run(threads, everybody, meter, Annotator.take, answers)
                each(threads, everybody, Annotator.answer, 5)
                whole = run(threads, everybody, meter, Annotator.answer, answers)
                print_line(size, people, "card", cards)
                print_line(size, people, "answer", whole, without=cards)
                print_doubles(everybody)
    print(
        f"at most {MOST_CARD_MS} ms for a card and {MOST_ANSWER_MS} ms for an answer without it; "
        f"8 annotators at least {LEAST_PER_SECOND} items a second, none twice"
    )


def each(threads, everybody, what, times):
    def all_of(annotator):
        return [what(annotator) for _ in range(times)]

    return [taken for done in threads.map(all_of, everybody) for taken in done]


def run(threads, everybody, meter, what, times):
    before, began = meter.cpu(), time.perf_counter()
    taken = sorted(each(threads, everybody, what, times))
    seconds, after = time.perf_counter() - began, meter.cpu()
    web, database = ((b - a) / len(taken) * 1000 for a, b in zip(before, after, strict=True))
    return taken, web, database, len(taken) / seconds


def print_line(size, people, label, measured, *, without=None):
    taken, web, database, rate = measured
    if without:  # an answer fetches a card ahead, which has a line of its own
        web, database = web - without[1], database - without[2]
    print(
        f"{size:9,} {people:6}  {label:8} {len(taken):6} {web + database:7.2f} {web:6.2f} "
        f"{database:8.2f} {taken[len(taken) // 2] * 1000:7.1f} "
        f"{taken[int(len(taken) * 0.95)] * 1000:7.1f} {rate:6.0f}",
        flush=True,
    )


def print_doubles(everybody):
    from annotation.models import ReviewItem

    answered = Counter(item for annotator in everybody for item in annotator.answered)
    wanted = ReviewItem.objects.in_bulk(answered)
    doubles = sum(times > wanted[key].answers_wanted for key, times in answered.items())
    print(f"{'':18}{len(answered)} items answered, {doubles} of them once too often", flush=True)


@contextmanager
def annotators(bot, count, port):
    from annotation.models import Intent

    intents = list(Intent.objects.of(bot).values_list("pk", flat=True))
    everybody = [Annotator(port, key, intents) for key in people_of(bot, count)]
    yield everybody
    for annotator in everybody:
        annotator.leave()


class Annotator:
    """Somebody at a browser that reads nothing."""

    def __init__(self, port, user_id, intents):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = FORM | {
            "cookie": f"sessionid={session_of(user_id)}; csrftoken={CSRF}",
            "x-csrftoken": CSRF,
            "host": "localhost",
        }
        self._intents = intents
        self._item = None
        self.answered = []

    def take(self):
        """Ask for the card of the next item; the seconds that it took."""
        seconds, _, card = self._post("/review/take/", {})
        self._item = item_in(card)
        return seconds

    def answer(self):
        """Fetch the next card ahead, and answer the one that is there; how long the answer took."""
        _, _, ahead = self._post("/review/ahead/", {"item": self._item})
        coming = item_in(ahead)
        intent = self._intents[len(self.answered) % len(self._intents)]
        form = {"submission": uuid4(), "choice": f"i:{intent}", "seconds": "2.5", "ahead": coming}
        seconds, response, _ = self._post(f"/review/items/{self._item}/answer/", form)
        if response.getheader("X-Review-Next") != "ahead":
            sys.exit("the card that was fetched ahead was not used")
        self.answered.append(self._item)
        self._item = coming
        return seconds

    def leave(self):
        self._post("/review/stop/", {})
        self._connection.close()

    def _post(self, path, form):
        began = time.perf_counter()
        self._connection.request("POST", path, urllib.parse.urlencode(form), self._headers)
        response = self._connection.getresponse()
        body = response.read().decode()
        if response.status not in (200, 302):
            sys.exit(f"{path} answered {response.status}: {body[:500]}")
        return time.perf_counter() - began, response, body


def item_in(card):
    return int(re.search(r'data-item="(\d+)"', card)[1])


def session_of(user_id):
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from accounts.models import User

    user = User.objects.get(pk=user_id)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


if __name__ == "__main__":
    main()
