"""What taking events in costs: signed requests from 8 clients to a running `./loop up`.

    ./loop bench intake [--single 2000] [--hundreds 160] [--thousands 32]

Counts are of requests with 1, 100 and 1,000 events. CPU is that of the web server and of
PostgreSQL, read from the kernel, not of the clients, which sign everything before they begin.
The workers are held meanwhile, because PostgreSQL serves them too; then they catch up, which is
a line of its own, and the last lines are taken with everything at work.
"""

import argparse
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import psutil
import psycopg

from bench.start import CHECKOUT, MIB, free_port, name_of, up
from ingest.verifying import sign

CLIENTS = 8
TURNS = 5  # of a conversation
SIGNING = 1.5  # seconds that the clients may take before they begin, and more for many events

TOOK = """
SELECT kind, sum(extract(epoch FROM COALESCE(ended_at, now()) - GREATEST(started_at, %s)))
FROM jobs_job WHERE COALESCE(ended_at, now()) > %s AND started_at IS NOT NULL GROUP BY kind
"""
NEW_BOT = """
from accounts import webhook_secrets
from accounts.models import Bot, User
by = User.objects.create_user("bench", is_superuser=True)
bot = Bot.objects.create(name="Bench bot", slug="bench")
print("secret:" + webhook_secrets.issue(bot, by=by).text)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--single", type=int, default=2000)
    parser.add_argument("--hundreds", type=int, default=160)
    parser.add_argument("--thousands", type=int, default=32)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        data, port = Path(folder) / "data", free_port()
        with (
            up(CHECKOUT, data, port, options=["--no-sample"]) as (supervisor, _),
            # Not threads: their CPU would count as waiting for the acknowledgement.
            ProcessPoolExecutor(CLIENTS, mp_context=get_context("fork")) as clients,
        ):
            measure(Bench(supervisor, clients, data, port, new_secret(data)), options)


def new_secret(data):
    run = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", NEW_BOT],
        cwd=CHECKOUT, env={**os.environ, "LEARNLOOP_DATA": str(data)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return b64decode(re.search(r"secret:whsec_(\S+)", run.stdout)[1])


def measure(bench, options):
    print(f"{CLIENTS} clients; load of this machine before: {os.getloadavg()[0]:.1f}")
    bench.run(requests=800)  # warm: every connection has its plans
    print(
        f"{'':32} {'events':>7} {'per s':>7} {'web':>7} {'database':>8} {'CPU ms':>7} "
        f"{'p50 ms':>7} {'p95 ms':>7}"
    )
    with bench.workers_held():
        single = bench.run(requests=options.single)
        print_line("one event, workers held", single)
        print_line("100 events, workers held", bench.run(requests=options.hundreds, batch=100))
        print_line("1,000 events, workers held", bench.run(requests=options.thousands, batch=1000))
    bench.print_catching_up()
    at_work = bench.run(requests=options.single)
    print_line("one event, all at work", at_work)
    half = at_work.rate / 2
    count = int(half * 6)
    print_line(f"one event, at {half:.0f} a second", bench.run(requests=count, rate=half))
    bench.print_catching_up()
    print_memory(bench.supervisor)


def print_line(label, run):
    web, database = (seconds / run.events * 1000 for seconds in (run.web, run.database))
    print(
        f"{label:32} {run.events:7} {run.rate:7.0f} {web:7.3f} {database:8.3f} "
        f"{web + database:7.3f} {run.at(0.5):7.1f} {run.at(0.95):7.1f}",
        flush=True,
    )


def print_memory(supervisor):
    print(f"\n{'process, after that':34} {'PSS MiB':>8}")
    database = 0.0
    for process in [supervisor, *supervisor.children(recursive=True)]:
        try:
            pss, name = process.memory_full_info().pss / MIB, name_of(process)
        except psutil.NoSuchProcess:  # a work horse, or a helper of the database
            continue
        if name.startswith("postgres"):
            database += pss
        else:
            print(f"{name:34} {pss:8.1f}")
    print(f"{'postgres, all its processes':34} {database:8.1f}")


# ── the server's side ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Run:
    events: int
    seconds: float
    web: float  # CPU seconds
    database: float
    times: list[float]  # seconds of each request, sorted

    @property
    def rate(self):
        return self.events / self.seconds

    def at(self, share):
        return self.times[int(len(self.times) * share)] * 1000


class Bench:
    def __init__(self, supervisor, clients, data, port, key):
        self.supervisor = supervisor
        self.clients = clients
        self.data = data
        self.target = Target(port, key)
        self.runs = 0

    def run(self, *, requests, batch=1, rate=None):
        """Send that many requests as fast as they are answered, or at `rate` a second."""
        self.runs += 1
        begin_at = time.monotonic() + SIGNING + requests * batch / 30_000
        shares = [
            self.clients.submit(
                send_all, self.target, self.runs, client, requests // CLIENTS, batch, begin_at, rate
            )
            for client in range(CLIENTS)
        ]
        time.sleep(begin_at - time.monotonic())
        before = self.cpu_seconds()
        answered = [share.result() for share in shares]
        after = self.cpu_seconds()
        ended_at = max(ended for ended, _ in answered)
        times = sorted(seconds for _, times in answered for seconds in times)
        web, database = (after[name] - before[name] for name in ("web", "database"))
        return Run(len(times) * batch, ended_at - begin_at, web, database, times)

    def cpu_seconds(self):
        """CPU of the web server, of PostgreSQL and of the workers since they began."""
        spent = {"web": 0.0, "database": 0.0, "workers": 0.0}
        for process in self.supervisor.children(recursive=True):
            try:
                if name := who_is(process):
                    # Work horses and backends that ended count with those who waited for them.
                    spent[name] += sum(process.cpu_times()[:4])
            except psutil.NoSuchProcess:
                continue
        return spent

    @contextmanager
    def workers_held(self):
        self.wait_until_idle()  # one that is stopped in a transaction would hold up everybody
        held = [p for p in self.supervisor.children(recursive=True) if who_is(p) == "workers"]
        for process in held:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in held:
                process.send_signal(signal.SIGCONT)

    def wait_until_idle(self, *, within=25):
        """Wait until no job is left, or the seconds are over."""
        from learnloop import embedded

        until = time.monotonic() + within
        with psycopg.connect(embedded.addresses(self.data).database, autocommit=True) as database:
            while (
                count(database, "jobs_job WHERE state IN ('queued', 'running')")
                and time.monotonic() < until
            ):
                time.sleep(0.2)

    def print_catching_up(self, *, within=25):
        """What the workers do about the events afterwards: signals, search, vectors, groups."""
        from learnloop import embedded

        began, began_at, before = time.monotonic(), datetime.now(UTC), self.cpu_seconds()
        with psycopg.connect(embedded.addresses(self.data).database, autocommit=True) as database:
            due = count(database, "ingest_conversation WHERE due_since IS NOT NULL")
            self.wait_until_idle(within=within)
            left = count(database, "ingest_conversation WHERE due_since IS NOT NULL")
            jobs = database.execute(TOOK, [began_at, began_at]).fetchall()
        after, seconds = self.cpu_seconds(), time.monotonic() - began
        spent = {name: after[name] - before[name] for name in before}
        print(
            f"    workers catch up: {due - left} conversations of {due} in {seconds:.1f} s; "
            f"CPU s: workers {spent['workers']:.1f}, database {spent['database']:.1f}"
        )
        print("    " + "; ".join(f"{kind} {took:.1f} s" for kind, took in jobs), flush=True)


def who_is(process):
    try:
        line = " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a work horse, gone by now
        return ""
    if "granian" in line:
        return "web"
    if "postgres" in line:
        return "database"
    return "workers" if re.search(r"manage\.py worker", line) else ""


def count(database, what):
    return database.execute(f"SELECT count(*) FROM {what}").fetchone()[0]


# ── the clients' side ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Target:
    port: int
    key: bytes


def send_all(target, run, client, requests, batch, begin_at, rate):
    """When the last answer came, and the seconds that each took."""
    signed = [signed_request(target, run, client, number, batch) for number in range(requests)]
    if time.monotonic() > begin_at:
        sys.exit("Signing took longer than was allowed for.")
    with socket.create_connection(("127.0.0.1", target.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        times = []
        for number, request in enumerate(signed):
            # At a given rate, what is late because of the one before it counts as slow.
            due = begin_at + (number * CLIENTS + client) / rate if rate else begin_at
            time.sleep(max(0.0, due - time.monotonic()))
            began = due if rate else time.monotonic()
            connection.sendall(request)
            if (status := read_answer(connection)) != 202:
                sys.exit(f"answered {status}")
            times.append(time.monotonic() - began)
    return time.monotonic(), times


def read_answer(connection):
    """The status, once the whole answer is there."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head, re.I)[1])
    while len(body) < length:
        body += connection.recv(65536)
    return int(head.split()[1])


def signed_request(target, run, client, number, batch):
    first = number * batch
    events = [an_event(f"{run}-{client}", first + place) for place in range(batch)]
    body = json.dumps(events[0] if batch == 1 else {"events": events}).encode()
    webhook_id, now = f"m-{run}-{client}-{number}", int(time.time())
    signature = sign(body, webhook_id=webhook_id, timestamp=now, secret=target.key)
    head = (
        "POST /api/v1/events?bot=bench HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"webhook-id: {webhook_id}\r\nwebhook-timestamp: {now}\r\n"
        f"webhook-signature: {signature}\r\n\r\n"
    )
    return head.encode() + body


def an_event(prefix, number):
    rng = random.Random(f"{prefix}-{number}")
    said, intent = rng.choice(SENTENCES)
    confidence = round(rng.random(), 3)
    return {
        "conversation_id": f"c-{prefix}-{number // TURNS}",
        "event_id": f"e-{prefix}-{number}",
        "user_input": said,
        "bot_response": rng.choice(ANSWERS),
        "intent_detected": intent,
        "confidence": confidence,
        "alternatives": [{"intent": "other", "confidence": round(1 - confidence, 3)}],
        "entities_extracted": [{"type": "word", "start": 0, "end": 2}],
        "dialog_state": {"step": number % TURNS, "slots": {"city": "Lisbon"}},
        "channel": rng.choice(["web", "app", "phone"]),
        "language": "en",
        "user_id": f"u-{prefix}-{number // (3 * TURNS)}",
        "latency_ms": rng.randrange(40, 900),
        "model_version": "v12",
    }


STARTS = ["hi, {}", "{}", "{} please", "can you help me, {}", "sorry, {}", "i said {}", "ok so {}"]
WISHES = {
    "card_lost": "i lost my {} in {}",
    "card_blocked": "my {} does not work in {}",
    "fees": "what does it cost to use my {} in {}",
    "refund": "i paid twice with my {} at a shop in {}",
    "limits": "raise the limit of my {} for a trip to {}",
}
THINGS = ["card", "debit card", "credit card", "blue card", "company card", "phone", "account"]
CITIES = ["Lisbon", "Porto", "Berlin", "Delhi", "Rome", "Utrecht", "Lyon", "Leeds", "Bath", "Ghent"]
PERSONAL = [
    "mail me at ann.{}@example.com",
    "call me on 202-555-0{}",
    "my card is 4111111111111111",
]
ANSWERS = [
    "You can order a new one under Cards.",
    "Sorry, I did not understand. Could you say that in other words?",
    "A colleague will look at it. It takes two working days.",
]
SENTENCES = [
    (start.format(wish.format(thing, city)), intent)
    for start, (intent, wish), thing, city in product(STARTS, WISHES.items(), THINGS, CITIES)
]
SENTENCES += [
    (f"{start.format(text.format(number))}", "contact")
    for start, text, number in product(STARTS, PERSONAL, range(100, 105))
]


if __name__ == "__main__":
    main()
