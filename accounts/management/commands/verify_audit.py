from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import anchoring, auditing


class Command(BaseCommand):
    help = (
        "Look at each entry of the audit log, and at its anchors; name the first entry that is "
        "not what was written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchors",
            action="append",
            type=Path,
            metavar="FILE",
            help="A file of anchors, one JSON object a line, such as a copy of what the webhook "
            "was sent; may be given more than once. Default: LEARNLOOP_AUDIT_ANCHOR_FILE.",
        )

    def handle(self, *args: Any, anchors: list[Path] | None, **options: Any) -> None:
        files = anchors or [settings.AUDIT_ANCHOR_FILE]
        for file in anchors or []:
            if not file.exists():
                raise CommandError(f"There is no file {file}. Nothing was verified.")
        try:
            sound = auditing.verify(anchor for file in files for anchor in anchoring.read(file))
        except auditing.Broken as broken:
            raise CommandError(f"{broken} First broken entry: {broken.number}.") from broken
        except anchoring.NotAnAnchor as wrong:
            raise CommandError(f"{wrong} Nothing was verified.") from wrong
        self.stdout.write(
            f"The audit log is what was written: {sound.entries:,} entries, {sound.anchors:,} "
            f"anchors. Its end: {sound.digest or 'none yet'}."
        )
        if not sound.anchors:
            self.stdout.write("Without an anchor nobody can tell whether its end was cut off.")
