"""Starts everything on one machine, watches it, and takes it down again.

Each process is on a leash (jobs/leash.py): if this one is killed they end with it. What ends
by itself is started again. Nothing here touches Django.
"""

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
from learnloop.embedded import Process, Refused, Servers, stop

LOOK_EVERY = 0.2  # seconds
READY_WITHIN = 60.0  # seconds
STOP_WITHIN = 3.0  # seconds for web, worker and schedule together
RESTART_AFTER = 1.0  # seconds
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
            if _answers_200(url):
                return True
            if time.monotonic() > deadline:
                raise Refused(f"learnloop did not get ready. {self._log} says why.")
            self.look_after()
            time.sleep(LOOK_EVERY / 2)
        return False

    def watch(self) -> None:
        while not self._stopping:
            self.look_after()
            time.sleep(LOOK_EVERY)

    def look_after(self) -> None:
        """Start again what ended by itself."""
        try:
            for name in self._servers.revive():
                self._say(f"{name} had ended and was started again.")
        except Refused as reason:
            self._say(str(reason))
        for name, process in self._running.items():
            quick_death = time.monotonic() - self._started_at[name] < RESTART_AFTER
            if process.poll() is not None and not quick_death:
                self._say(f"{name} had ended ({process.returncode}) and was started again.")
                self._spawn(name)

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
        self._log.mkdir(parents=True, exist_ok=True)
        with (self._log / f"{name}.log").open("ab") as log:
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
        self._started_at[name] = time.monotonic()


def is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _answers_200(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
