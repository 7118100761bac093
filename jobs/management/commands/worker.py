"""Runs jobs: one parent that forks and watches the workers, until it is told to stop.

Forked after everything is loaded, the workers share most of their memory.
"""

import contextlib
import gc
import os
import signal
import time
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseTrouble
from django.db import connections

from jobs import beating, waking
from jobs.leash import die_with_parent
from jobs.measuring import measure_as_worker
from jobs.models import Process

logger = structlog.get_logger(__name__)

LOOK_EVERY = 0.2  # seconds
RESTART_AFTER = 1.0  # seconds


class Command(BaseCommand):
    help = "Run jobs. With two or more processes, one keeps free for the quick kinds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--processes", type=int, default=2, help="How many jobs at a time.")

    def handle(self, *args: Any, processes: int, **options: Any) -> None:
        Stable(processes).run()


class Stable:
    """The workers of one machine."""

    def __init__(self, size: int) -> None:
        self._name = beating.own_name()
        self._size = size
        self._workers: dict[int, int] = {}  # process id → number
        self._stopping = False
        self._beat_at = float("-inf")

    def run(self) -> None:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        gc.freeze()  # what is loaded stays shared: collecting would touch every page
        for number in range(self._size):
            self._fork(number)
        while self._workers:
            self._reap()
            self._beat()
            time.sleep(LOOK_EVERY)
        with contextlib.suppress(DatabaseTrouble):
            beating.retire(name=self._name)

    def _stop(self, *_: Any) -> None:
        self._stopping = True
        for pid in self._workers:
            os.kill(pid, signal.SIGTERM)

    def _fork(self, number: int) -> None:
        connections.close_all()
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self._workers[pid] = number
            return
        die_with_parent(signal.SIGKILL, parent=parent)
        status = 1
        try:
            self._work(number)
            status = 0
        finally:
            os._exit(status)

    def _work(self, number: int) -> None:
        from jobs.worker import Worker

        measure_as_worker(number)
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, signal.SIG_DFL)
        keeps_free = number == 0 and self._size > 1
        queues = [waking.QUICK] if keeps_free else [waking.SLOW, waking.QUICK]
        Worker(queues, name=f"{self._name}-{number}-{os.getpid()}").work(logging_level="WARNING")

    def _reap(self) -> None:
        for pid in list(self._workers):
            done, status = os.waitpid(pid, os.WNOHANG)
            if not done:
                continue
            number = self._workers.pop(pid)
            if not self._stopping:
                logger.warning("worker_ended", number=number, status=status)
                time.sleep(RESTART_AFTER)
                self._fork(number)

    def _beat(self) -> None:
        if self._stopping or time.monotonic() - self._beat_at < Process.BEAT:
            return
        self._beat_at = time.monotonic()
        try:
            beating.beat(Process.Role.WORKER, name=self._name)
        except DatabaseTrouble as error:
            logger.warning("database_away", reason=str(error))
        finally:
            connections.close_all()
