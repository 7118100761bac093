"""Starts everything on one machine, watches it, and takes it down again.

Each process is on a leash (jobs/leash.py): if this one is killed they end with it. What ends
by itself is started again. Nothing here touches Django.
"""

import contextlib
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from jobs import leash
from learnloop.embedded import Process, Refused, Servers, log_file, stop

LOOK_EVERY = 0.2  # seconds
READY_WITHIN = 60.0  # seconds
STOP_WITHIN = 3.0  # seconds for web, worker and schedule together
RESTART_AFTER = 1.0  # seconds
TRY_AGAIN_AFTER = 5.0  # seconds between two tries to start a server that refuses
MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


class Supervisor:
    """Web, worker and schedule on top of the servers they need."""

    def __init__(self, servers: Servers, *, log: Path, say: Callable[[str], None]) -> None:
        self._servers = servers
        self._log = log
        self._say = say
        self._commands: dict[str, list[str]] = {}
        self._running: dict[str, Process] = {}
        self._started_at: dict[str, float] = {}
        self._stopping = False
        self._last_said = ""
        self._revive_at = 0.0
        servers.interrupted = lambda: self._stopping

    def listen(self) -> None:
        """Take Ctrl-C and SIGTERM as the wish to stop."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._stop)

    @property
    def stopping(self) -> bool:
        return self._stopping

    def start(self, name: str, *command: str) -> None:
        self._commands[name] = list(command)
        self._spawn(name)

    def process_id(self, name: str) -> int:
        return self._running[name].pid

    def wait_until_ready(self, url: str) -> bool:
        """True once `url` answers 200; False if asked to stop before. Refused if it never does."""
        deadline = time.monotonic() + READY_WITHIN
        while not self._stopping:
            missing = what_is_missing(url)
            if not missing:
                return True
            if time.monotonic() > deadline:
                raise Refused(f"learnloop did not get ready. {missing} More in {self._log}.")
            self.look_after()
            time.sleep(LOOK_EVERY / 2)
        return False

    def watch(self) -> None:
        while not self._stopping:
            self.look_after()
            time.sleep(LOOK_EVERY)

    def look_after(self) -> None:
        """Start again what ended by itself."""
        self._revive_servers()
        for name, process in self._running.items():
            quick_death = time.monotonic() - self._started_at[name] < RESTART_AFTER
            if process.poll() is not None and not quick_death:
                self._say(f"{name} had ended ({process.returncode}) and was started again.")
                self._spawn(name)

    def _revive_servers(self) -> None:
        if time.monotonic() < self._revive_at:
            return
        try:
            for name in self._servers.revive():
                self._last_said = ""
                self._say(f"{name} had ended and was started again.")
        except Refused as reason:
            # Likely to be refused again: try less often, and say it once.
            self._revive_at = time.monotonic() + TRY_AGAIN_AFTER
            if str(reason) != self._last_said:
                self._last_said = str(reason)
                self._say(str(reason))

    def stop(self) -> None:
        """Ask all at once, and insist when their time is over."""
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN
        for process in self._running.values():
            try:
                process.wait(max(deadline - time.monotonic(), 0.01))
            except subprocess.TimeoutExpired:
                stop(process, signal.SIGKILL)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _spawn(self, name: str) -> None:
        log = log_file(self._log, name)
        try:
            self._running[name] = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", str(Path(leash.__file__))),
                    *("--signal", "KILL", "--parent", str(os.getpid()), "--"),
                    *(sys.executable, str(MANAGE), *self._commands[name]),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        finally:
            os.close(log)
        self._started_at[name] = time.monotonic()


def address_of(host: str, port: int) -> tuple[str, int]:
    """The address to listen on, a free port for 0. Refused says why there is none."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return str(address[0]), probe.getsockname()[1]
    except socket.gaierror:
        raise Refused(f"This machine has no address {host}. Choose another --host.") from None
    except PermissionError:
        raise Refused(
            f"Port {port} is for root alone. Choose one from 1024 on: ./loop up --port 8000"
        ) from None
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise Refused(f"{host} is not an address of this machine.") from None
        raise Refused(
            f"Port {port} is taken. Stop what listens there, or choose another: "
            f"./loop up --port {port + 1}"
        ) from None


def url_of(address: str, port: int) -> str:
    """How a browser on this machine reaches what listens on `address`."""
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
    reached = anywhere.get(address, address)
    return f"http://[{reached}]:{port}/" if ":" in reached else f"http://{reached}:{port}/"


def what_is_missing(url: str) -> str:
    """What /readyz says is missing, as sentences; empty when all is there."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own address
            return ""
    except urllib.error.HTTPError as error:
        with error, contextlib.suppress(ValueError, KeyError, AttributeError):
            checks = json.loads(error.read())["checks"]
            return " ".join(said for said in checks.values() if said != "ok")
        return f"It answers {error.code}."
    except OSError:
        return "The web server does not answer."
