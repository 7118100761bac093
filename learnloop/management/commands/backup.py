from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from learnloop.backup import making
from learnloop.backup.contents import NotDone


class Command(BaseCommand):
    help = "Write the database, artifacts, dataset versions and tombstones into one file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="such as learnloop.tar; must not be there yet")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        file = file.absolute()
        try:
            manifest = making.make(file, say=self.stdout.write)
        except NotDone as reason:
            raise CommandError(str(reason)) from reason
        rows = sum(manifest["rows"].values())
        size = file.stat().st_size / 1024**2
        self.stdout.write(
            f"{file}: {rows:,} rows, {len(manifest['digests'])} files, {size:,.0f} MB."
        )
        keys = file.with_name(file.name + ".keys")
        if making.write_keys(keys):
            self.stdout.write(
                f"{keys}: what opens its secrets. Keep it apart from the backup, and safe."
            )
