"""How long a start takes, what it holds in memory, and what the simplest answers cost.

    ./loop bench start              on this checkout's environment
    ./loop bench start --fresh      also from a fresh clone with nothing installed

CPU is that of the web server and the database together, read from the kernel.
"""

import argparse
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil

CHECKOUT = Path(__file__).resolve().parent.parent
CONNECTIONS = 4
REQUESTS = 2000
MIB = 1024 * 1024

NEW_SESSION = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import Bot, User
user = User.objects.create_user("bench", is_superuser=True)
Bot.objects.create(name="Bench bot", slug="bench")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print("session:" + session.session_key)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true")
    fresh = parser.parse_args().fresh
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        if fresh:
            print_fresh(Path(folder) / "clone")
        data, port = Path(folder) / "data", free_port()
        with up(CHECKOUT, data, port) as (_, cold):
            pass
        with up(CHECKOUT, data, port) as (process, warm):
            print(f"ready, empty data folder   {cold:8.1f} s")
            print(f"ready, second start        {warm:8.1f} s\n")
            print_memory(process)
            print_requests(process, data, port)


def print_fresh(clone):
    subprocess.run(["git", "clone", "-q", str(CHECKOUT), str(clone)], check=True)
    environment = {"PIP_NO_CACHE_DIR": "1"}
    with up(clone, clone / ".data", free_port(), environment) as (_, seconds):
        print(f"ready, fresh clone         {seconds:8.1f} s")


@contextmanager
def up(checkout, data, port, environment=None, *, options=()):
    """A running `./loop up`, and the seconds it took."""
    named = {"DATABASE_URL", "REDIS_URL", "LEARNLOOP_DATA"}
    kept = {name: value for name, value in os.environ.items() if name not in named}
    began = time.monotonic()
    process = subprocess.Popen(
        [checkout / "loop", "up", "--port", str(port), "--data", str(data), *options],
        env=kept | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Ready:"):
                break
        else:
            sys.exit("".join(said))
        yield psutil.Process(process.pid), time.monotonic() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        process.stdout.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# ── memory ────────────────────────────────────────────────────────────────────────────


def print_memory(supervisor):
    """Proportional set size: memory that processes share is counted once in all."""
    time.sleep(10)  # idle: what starting took has been given back
    total = 0.0
    print(f"{'process, idle':34} {'PSS MiB':>8} {'RSS MiB':>8}")
    for process in [supervisor, *supervisor.children(recursive=True)]:
        memory = process.memory_full_info()
        total += memory.pss
        print(f"{name_of(process):34} {memory.pss / MIB:8.1f} {memory.rss / MIB:8.1f}")
    print(f"{'all together':34} {total / MIB:8.1f}\n")


def name_of(process):
    line = " ".join(process.cmdline())
    if found := re.search(r"manage\.py (\w+)", line):
        return found[1]
    if "granian" in line:
        own = "granian" not in " ".join(process.parent().cmdline())
        return "web (granian)" if own else "web (answers)"
    return line.split(" -D ")[0].rsplit("/", 1)[-1][:34]


# ── requests ──────────────────────────────────────────────────────────────────────────


def print_requests(supervisor, data, port):
    session = new_session(data)
    print(f"{REQUESTS} requests each on {CONNECTIONS} connections")
    print(f"{'path':26} {'per s':>8} {'CPU ms':>8} {'p50 ms':>8} {'p95 ms':>8}")
    for label, path, cookie in (
        ("/healthz (JSON)", "/healthz", None),
        ("/account/ (logged in)", "/account/", f"sessionid={session}"),
        ("/jobs/ (logged in)", "/jobs/", f"sessionid={session}"),
    ):
        measure(port, path, cookie, count=200)  # warm
        cpu = cpu_seconds(supervisor)
        began = time.monotonic()
        times = measure(port, path, cookie, count=REQUESTS)
        seconds = time.monotonic() - began
        cpu = (cpu_seconds(supervisor) - cpu) / REQUESTS * 1000
        p50, p95 = times[len(times) // 2] * 1000, times[int(len(times) * 0.95)] * 1000
        print(f"{label:26} {REQUESTS / seconds:8.0f} {cpu:8.2f} {p50:8.2f} {p95:8.2f}")


def new_session(data):
    run = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", NEW_SESSION],
        cwd=CHECKOUT, env={**os.environ, "LEARNLOOP_DATA": str(data)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return re.search(r"session:(\w+)", run.stdout)[1]


def measure(port, path, cookie, *, count):
    """Seconds of each request, sorted."""
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        shares = [
            threads.submit(ask, port, path, cookie, count // CONNECTIONS)
            for _ in range(CONNECTIONS)
        ]
        return sorted(seconds for share in shares for seconds in share.result())


def ask(port, path, cookie, count):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookie} if cookie else {}
    times = []
    for _ in range(count):
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        times.append(time.perf_counter() - began)
        if response.status != 200:
            sys.exit(f"{path} answered {response.status}")
    connection.close()
    return times


def cpu_seconds(supervisor):
    """CPU of the web server and of PostgreSQL since they began."""
    total = 0.0
    for process in supervisor.children(recursive=True):
        if re.search("granian|postgres", " ".join(process.cmdline())):
            times = process.cpu_times()
            total += times.user + times.system
    return total


if __name__ == "__main__":
    main()
