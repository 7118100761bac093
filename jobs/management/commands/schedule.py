"""Requests scheduled jobs and sweeps the record, until it is told to stop."""

import signal
import time
from threading import Event
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseTrouble
from django.db import connections

from jobs import beating, scheduling, sweeping
from jobs.models import Process

logger = structlog.get_logger(__name__)

TICK = 1.0  # seconds


class Command(BaseCommand):
    help = "Request scheduled jobs, and wake or free those that the queue forgot."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: stop.set())
        name = beating.own_name()
        rounds = Rounds(name)
        while not stop.wait(TICK):
            rounds.tick()
        beating.retire(name=name)


class Rounds:
    """What the process does every second, and what it does less often."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._swept_at = self._beat_at = float("-inf")
        self._ready = False

    def tick(self) -> None:
        try:
            self._tick()
        except DatabaseTrouble as error:
            # The database is away or restarting. The record waits; so do we.
            logger.warning("database_away", reason=str(error))
            connections.close_all()

    def _tick(self) -> None:
        now = time.monotonic()
        if not self._ready:
            scheduling.ensure_schedules()
            self._ready = True
        if now - self._beat_at >= Process.BEAT:
            beating.beat(Process.Role.SCHEDULE, name=self._name)
            self._beat_at = now
        if now - self._swept_at >= settings.JOB_SWEEP_EVERY:
            sweeping.sweep()
            sweeping.sweep_rooms()
            self._swept_at = now
        scheduling.fire_due()
