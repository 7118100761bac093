"""Processes that are started, waited for, and stopped."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from learnloop.embedded.refusing import Refused, disk_troubles_in_words

STARTING = "── starting\n"  # a line in a log: what follows was said by the newest process
STOP_WITHIN = 4.0  # seconds; `up` promises five for everything
Process = subprocess.Popen[bytes]
Question = Callable[[], bool]


def never() -> bool:
    return False


def spawn(command: list[str], data: Path, log: str) -> Process:
    with disk_troubles_in_words(data):
        target = log_file(data / "log", log)
        os.write(target, STARTING.encode())
    try:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone.
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=target, stderr=target, start_new_session=True
        )
    finally:
        os.close(target)


def stop(process: Process, signum: int) -> None:
    """Ask, wait, then insist."""
    for attempt, patience in ((signum, STOP_WITHIN), (signal.SIGKILL, 5.0)):
        if process.poll() is not None:
            return
        process.send_signal(attempt)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def log_file(folder: Path, name: str) -> int:
    """Open a process's log for its owner alone; the file descriptor."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def wait_until_ready(
    process: Process, data: Path, name: str, ready: Question, interrupted: Question
) -> None:
    """Wait as long as it lives: after a crash, reading the journal may take minutes."""
    while not ready():
        if process.poll() is not None:
            raise Refused(_why_it_did_not_start(data, name))
        if interrupted():
            stop(process, signal.SIGTERM)
            raise Refused(f"Stopped before {name} was ready. What it was reading is kept.")
        time.sleep(0.02)


def _why_it_did_not_start(data: Path, name: str) -> str:
    file = data / "log" / f"{name.lower().removesuffix('ql')}.log"
    tail = file.read_text(errors="replace").rpartition(STARTING)[2] if file.exists() else ""
    if "No space left" in tail:
        return f"{name} found the disk of {data} full. Free some space and start again."
    if "Read-only file system" in tail:
        return f"{name} cannot write to {data}: the disk is read-only. Choose another --data."
    lines = tail.strip().splitlines() or ["it left no message"]
    telling = next((line for line in lines if "FATAL" in line), lines[-1])
    return f"{name} did not start: {telling} (more in {file})."
