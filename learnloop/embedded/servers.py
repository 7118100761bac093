"""The servers of one data folder together, and Valkey's start."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from learnloop.embedded.identities import leashed, valkey_binary
from learnloop.embedded.places import data_folder, is_borrowed, make_socket_folder, socket_folder
from learnloop.embedded.postgres import is_waiting_for_clients, start_postgres
from learnloop.embedded.processes import Process, Question, never, spawn, stop, wait_until_ready
from learnloop.embedded.refusing import Refused, disk_troubles_in_words


class Servers:
    """PostgreSQL and Valkey of one data folder, or the one of them that is wanted.

    A context manager. Refused says why they do not start, in a sentence.
    """

    def __init__(self, data: Path, *, postgres: bool = True, valkey: bool = True) -> None:
        self._data = data
        self._starts: dict[str, tuple[Callable[[Path, Question], Process], int]] = {}
        self.interrupted: Question = never
        if valkey:
            self._starts["valkey"] = (start_valkey, signal.SIGTERM)
        if postgres:
            self._starts["postgres"] = (start_postgres, signal.SIGINT)
        self.running: dict[str, Process] = {}
        self._held = contextlib.ExitStack()

    def __enter__(self) -> "Servers":
        self._held.enter_context(locked(self._data))
        try:
            for name in self._starts:
                self._start(name)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def revive(self) -> list[str]:
        """Start again what has ended by itself; the names of those."""
        if "postgres" in self.running and is_waiting_for_clients(self._data):
            stop(self.running["postgres"], self._starts["postgres"][1])
        dead = [name for name, process in self.running.items() if process.poll() is not None]
        for name in dead:
            self._start(name)
        return dead

    def stop(self) -> None:
        for name, process in reversed(self.running.items()):
            stop(process, self._starts[name][1])
        self.running.clear()
        if is_borrowed(self._data):
            shutil.rmtree(socket_folder(self._data), ignore_errors=True)
        self._held.close()

    def _start(self, name: str) -> None:
        start, _ = self._starts[name]
        self.running[name] = start(self._data, self.interrupted)


def own_servers(data: Path) -> Servers:
    """Those that no variable names."""
    return Servers(
        data,
        postgres=not os.environ.get("DATABASE_URL"),
        valkey=not os.environ.get("REDIS_URL"),
    )


def for_one_command() -> contextlib.AbstractContextManager[object]:
    """What a management command needs: nothing if servers were named or run, else our own."""
    data = data_folder()
    all_named = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    return contextlib.nullcontext() if all_named or running(data) else own_servers(data)


@contextlib.contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the folder: two sets of servers on one would destroy it."""
    with disk_troubles_in_words(data):
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _flock_or_refuse(lock, data)
        yield
    finally:
        os.close(lock)


def _flock_or_refuse(lock: int, data: Path) -> None:
    # A killed supervisor's servers need a moment to follow it.
    deadline = time.monotonic() + 2
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Refused(
                    f"learnloop already runs on {data}. Stop it first, or start a second "
                    "one beside it with another --data and --port."
                ) from None
            time.sleep(0.1)


def running(data: Path) -> bool:
    """Whether somebody answers on both sockets of `data`."""
    folder = socket_folder(data)
    return all(answers(folder / name) for name in (".s.PGSQL.5432", "valkey.sock"))


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def takes_commands(path: Path) -> bool:
    """Valkey opens its socket before it has read what it kept, and says LOADING until then."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def start_valkey(data: Path, interrupted: Question = never) -> Process:
    with disk_troubles_in_words(data):
        make_socket_folder(data, None)
        (data / "valkey").mkdir(exist_ok=True, mode=0o700)
    path = socket_folder(data) / "valkey.sock"
    command = [
        *leashed("TERM"),
        str(valkey_binary()),
        *("--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--dir", str(data / "valkey"), "--appendonly", "yes", "--save", ""),
    ]
    path.unlink(missing_ok=True)
    process = spawn(command, data, "valkey")
    wait_until_ready(process, data, "Valkey", partial(takes_commands, path), interrupted)
    return process
