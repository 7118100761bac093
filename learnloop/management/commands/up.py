"""Starts everything on this machine and stays in front until Ctrl-C."""

import logging
import os
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connections
from django.utils import timezone
from redis import RedisError

from accounts.people import create_first_admin
from jobs import waking
from learnloop.checks import safe_for_production
from learnloop.embedded import Refused, Servers, disk_troubles_in_words, own_servers
from learnloop.sample.loading import load as load_sample
from learnloop.supervisor import Supervisor, address_of, url_of

DATABASE_AWAY = (
    "The database of DATABASE_URL does not answer: {reason} Check that it runs and that the "
    "address, name and password are right, then start again."
)


QUEUE_AWAY = (
    "The queue of REDIS_URL does not answer: {reason} Check that it runs and that the address "
    "and password are right, then start again."
)


def port_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise ArgumentTypeError(f"a port is a number from 0 to 65535, not {text}")
    return int(text)


def refuse_careless_production() -> None:
    """What web, worker and schedule would say each in its own log."""
    if refusals := safe_for_production():
        raise Refused(" ".join(refusal.msg for refusal in refusals))


class Command(BaseCommand):
    help = "Start servers, web, worker and schedule, and stay in front until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--no-sample", action="store_true", help="leave a new install without the sample bot"
        )

    def handle(self, *args: Any, port: int, host: str, no_sample: bool, **options: Any) -> None:
        self._with_sample = not no_sample and not settings.PRODUCTION
        # The terminal is for people; every process has its log in the data folder.
        logging.getLogger().setLevel(logging.WARNING)
        try:
            refuse_careless_production()
            address, port = address_of(host, port)
            with own_servers(settings.DATA) as servers:
                self._run(servers, host=address, port=port)
        except Refused as reason:
            raise CommandError(str(reason)) from reason

    def _run(self, servers: Servers, *, host: str, port: int) -> None:
        supervisor = Supervisor(servers, log=settings.DATA / "log", say=self.stdout.write)
        supervisor.listen()
        self._prepare()
        try:
            supervisor.start("web", "web", "--host", host, "--port", str(port))
            supervisor.start("worker", "worker")
            supervisor.start("schedule", "schedule")
            url = url_of(host, port)
            if supervisor.wait_until_ready(f"{url}readyz"):
                self.stdout.write(f"Ready: {url}")
                self.stdout.flush()
                supervisor.watch()
            self.stdout.write("Stopping …")
        finally:
            supervisor.stop()

    def _prepare(self) -> None:
        os.environ["DATABASE_URL"] = settings.DATABASE_URL
        os.environ["REDIS_URL"] = settings.REDIS_URL
        os.environ["LEARNLOOP_DATA"] = str(settings.DATA)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.DATA / "metrics")
        try:
            waking.redis().ping()
        except (RedisError, ValueError) as error:
            raise CommandError(QUEUE_AWAY.format(reason=error)) from error
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(DATABASE_AWAY.format(reason=str(error).strip())) from error
        with disk_troubles_in_words(settings.DATA):
            _empty(settings.DATA / "metrics")
            call_command("collectstatic", verbosity=0, interactive=False)
        if self._with_sample and (count := load_sample(now=timezone.now())):
            self.stdout.write(f"A sample bank was loaded, {count:,} events (--no-sample: without).")
        if password := create_first_admin():
            self.stdout.write(
                f"The first admin is `admin`, password `{password}`. "
                "It is shown this once; change it after logging in."
            )
        connections.close_all()


def _empty(folder: Path) -> None:
    """Figures of processes that are gone would be added to those of the new ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink()
