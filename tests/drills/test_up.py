"""./loop up starts everything, and takes everything down with it however it ends."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest

from learnloop import embedded
from tests.drills.machine import url_of_test_database

EMBEDDED = "LEARNLOOP_VALKEY_BIN" not in os.environ


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Up:
    """One `./loop up`."""

    def __init__(self, data, port, options):
        # A fresh install has servers of its own; elsewhere those that this suite was given.
        environment = {**os.environ, "LEARNLOOP_DATA": str(data)}
        environment["DJANGO_SETTINGS_MODULE"] = "learnloop.settings"
        if EMBEDDED:
            del environment["DATABASE_URL"], environment["REDIS_URL"]
        else:
            environment["DATABASE_URL"] = url_of_test_database()
        self.address = f"http://127.0.0.1:{port}/"
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port), *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until_ready(self):
        """What it says up to `Ready:`, and how many seconds that took."""
        said = []
        for line in self._process.stdout:
            said.append(line)
            if line.startswith("Ready:"):
                break
        return "".join(said), time.monotonic() - self._began

    def be_ready(self):
        said, seconds = self.read_until_ready()
        assert "Ready:" in said, said
        return said, seconds

    def everybody(self):
        own = psutil.Process(self._process.pid)
        return [own, *own.children(recursive=True)]

    def send(self, signum):
        self._process.send_signal(signum)

    def end(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture
def up(transactional_db, tmp_path):
    started = []

    def start(*options, data=tmp_path / "data", port=None):
        started.append(Up(data, port or free_port(), options))
        return started[-1]

    yield start
    for each in started:
        each.end()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The folder of an install that one test after another starts again."""
    return tmp_path_factory.mktemp("house")


def answers(address):
    with urllib.request.urlopen(address, timeout=5) as response:
        return json.load(response)


def figures(address):
    with urllib.request.urlopen(address + "metrics", timeout=5) as response:
        return response.read().decode()


def modes_of_logs(data):
    return {file.stat().st_mode & 0o777 for file in (data / "log").iterdir()}


def clusters(data):
    """When the database cluster of an install was made, if it has one of its own."""
    return {file: file.stat().st_mtime_ns for file in data.rglob("PG_VERSION")}


def test_it_gets_ready_shows_the_first_password_once_and_goes_on_with_what_is_there(up, tmp_path):
    first = up()
    said, cold = first.be_ready()
    assert re.search(r"The first admin is `admin`, password `[\w-]+`", said)
    assert "A sample bank was loaded" in said
    assert f"Ready: {first.address}" in said
    assert answers(first.address + "readyz")["ready"]
    assert 'learnloop_request_seconds_count{method="GET",route="readyz"' in figures(first.address)
    assert modes_of_logs(tmp_path / "data") == {0o600}
    first.send(signal.SIGINT)
    psutil.wait_procs(first.everybody(), timeout=5)
    made = clusters(tmp_path / "data")

    second = up()
    said, warm = second.be_ready()

    print(f"\nready after {cold:.1f} s, and {warm:.1f} s the second time")
    assert "password" not in said
    assert "sample" not in said
    assert bool(made) == EMBEDDED
    assert clusters(tmp_path / "data") == made
    # Servers that were there before leave the first start as little to do as the second.
    assert warm < cold or not EMBEDDED


@pytest.mark.parametrize(
    ("signum", "within"),  # seconds
    [(signal.SIGINT, 5), (signal.SIGTERM, 5), (signal.SIGKILL, 6)],
)
def test_everything_ends_with_it_however_it_ends(up, house, signum, within):
    running = up(data=house)
    running.be_ready()
    everybody = running.everybody()

    began = time.monotonic()
    running.send(signum)
    _, alive = psutil.wait_procs(everybody, timeout=within)

    print(
        f"\n{len(everybody)} processes ended {time.monotonic() - began:.1f} s after {signum.name}"
    )
    assert [line_of(process) for process in alive if is_at_work(process)] == []


def is_at_work(process):
    """Whether it does more than wait for somebody to take note of its end."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def test_what_is_killed_is_started_again(up, house):
    running = up(data=house)
    running.be_ready()
    ours = re.compile(r"granian|manage.py (worker|schedule)|valkey")
    killed = {process.pid for process in running.everybody() if ours.search(line_of(process))}

    for pid in killed:
        with contextlib.suppress(ProcessLookupError):  # it went with its parent
            os.kill(pid, signal.SIGKILL)

    assert len(killed) >= 5
    assert becomes_ready(running.address + "readyz", within=20)


def line_of(process):
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def becomes_ready(address, *, within):
    deadline = time.monotonic() + within
    time.sleep(0.5)  # what was killed may still be listed as answering
    while time.monotonic() < deadline:
        try:
            return answers(address)["ready"]
        except OSError:
            time.sleep(0.2)
    return False


@pytest.mark.skipif(not EMBEDDED, reason="two installs need two databases")
def test_two_installs_run_side_by_side(up, house):
    one, two = up(data=house), up("--no-sample")

    for each in (one, two):
        each.be_ready()

    assert answers(one.address + "readyz")["ready"]
    assert answers(two.address + "readyz")["ready"]


def test_a_taken_port_is_named_with_a_way_out(up):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        said, _ = up(port=port).read_until_ready()

    assert f"Port {port} is taken." in said
    assert "Traceback" not in said


@pytest.mark.skipif(not EMBEDDED, reason="nothing is started on the folder")
def test_a_folder_in_use_is_named_with_a_way_out(up, tmp_path):
    with embedded.Servers(tmp_path / "data", postgres=False):
        said, _ = up().read_until_ready()

    assert "already runs on" in said
    assert "Traceback" not in said
