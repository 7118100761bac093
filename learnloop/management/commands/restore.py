from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from learnloop.backup import restoring
from learnloop.backup.contents import NotDone


class Command(BaseCommand):
    help = "Make an install of a backup, in an empty data folder or an empty database."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--keys", type=Path, help="what was written beside the backup; or set the variables"
        )

    def handle(self, *args: Any, file: Path, keys: Path | None, **options: Any) -> None:
        try:
            restoring.restore(file.absolute(), keys=keys, say=self.stdout.write)
        except NotDone as reason:
            raise CommandError(str(reason)) from reason
        call_command("migrate", verbosity=0)
        self.stdout.write("Restored: rows, files and the audit log are those of the backup.")
        if keys is None:
            self.stdout.write(
                "Without its keys (--keys, or LEARNLOOP_ENCRYPTION_KEYS) webhook secrets, second "
                "factors and pseudonyms cannot be read, and no event is taken in."
            )
