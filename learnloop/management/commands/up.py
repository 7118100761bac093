"""Starts everything on this machine and stays in front until Ctrl-C."""

import logging
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connections

from accounts.people import create_first_admin
from learnloop.embedded import Refused, Servers, disk_troubles_in_words
from learnloop.supervisor import Supervisor, is_free

DATABASE_AWAY = (
    "The database of DATABASE_URL does not answer: {reason} Check that it runs and that the "
    "address, name and password are right, then start again."
)


class Command(BaseCommand):
    help = "Start servers, web, worker and schedule, and stay in front until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, port: int, host: str, **options: Any) -> None:
        # The terminal is for people; every process has its log in the data folder.
        logging.getLogger().setLevel(logging.WARNING)
        if not is_free(host, port):
            raise CommandError(
                f"Port {port} is taken. Stop what listens there, or choose another: "
                f"./loop up --port {port + 1}"
            )
        servers = Servers(
            settings.DATA,
            postgres="DATABASE_URL" not in os.environ,
            valkey="REDIS_URL" not in os.environ,
        )
        try:
            with servers:
                self._run(servers, host=host, port=port)
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
            address = f"http://{host}:{port}/"
            if supervisor.wait_until_ready(f"{address}readyz"):
                self.stdout.write(f"Ready: {address}")
                self.stdout.flush()
                supervisor.watch()
            self.stdout.write("Stopping …")
        finally:
            supervisor.stop()

    def _prepare(self) -> None:
        os.environ["DATABASE_URL"] = settings.DATABASE_URL
        os.environ["REDIS_URL"] = settings.REDIS_URL
        os.environ["LEARNLOOP_DATA"] = str(settings.DATA)
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(DATABASE_AWAY.format(reason=str(error).strip())) from error
        with disk_troubles_in_words(settings.DATA):
            _empty(settings.DATA / "metrics")
            call_command("collectstatic", verbosity=0, interactive=False)
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
