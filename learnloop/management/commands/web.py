"""Becomes granian, serving pages and the API."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

MOST_AT_ONCE = 1024  # requests of one granian worker
KILL_AFTER = 2  # seconds that a worker may take to answer its last requests when stopping


def static_files_are_those_of_this_release() -> bool:
    """Whether they were collected after the last change: no page is shown while one is missing."""
    collected = settings.STATIC_ROOT / "staticfiles.json"
    ours = [file for folder in settings.STATICFILES_DIRS for file in (folder, *folder.rglob("*"))]
    brought = [*ours, settings.BASE_DIR / "requirements.txt"]  # packages bring some, too
    return collected.exists() and collected.stat().st_mtime >= max(
        file.stat().st_mtime for file in brought if file.exists()
    )


class Command(BaseCommand):
    help = "Serve pages and the API."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, port: int, host: str, **options: Any) -> None:
        if not static_files_are_those_of_this_release():
            call_command("collectstatic", verbosity=0, interactive=False)
        os.environ["LEARNLOOP_KEEP_CONNECTIONS"] = "true"
        command = [
            *(
                sys.executable,
                "-m",
                "granian",
                "--interface",
                "rsgi",
                "learnloop.front:application",
            ),
            *("--host", host, "--port", str(port), "--no-ws", "--http", "1"),
            *("--workers", str(settings.WEB_WORKERS), "--respawn-failed-workers"),
            # Clients that are slow with their bodies count too, and cost next to nothing.
            *("--backpressure", str(MOST_AT_ONCE)),
            *("--workers-kill-timeout", str(KILL_AFTER), "--log-level", "warning"),
        ]
        os.chdir(settings.BASE_DIR)  # where granian finds learnloop
        os.execv(sys.executable, command)  # noqa: S606  every word is our own
