import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Bot
from ingest import erasing
from ingest.reading import UNSTORABLE


class Command(BaseCommand):
    help = (
        "Erase an end user of a bot: conversations, turns, feedback and vectors. "
        "A backup that is restored later does not bring them back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bot", required=True, help="its name in addresses")
        parser.add_argument(
            "user_id", help="as the bot sends it; - reads it from the standard input"
        )

    def handle(self, *args: Any, bot: str, user_id: str, **options: Any) -> None:
        found = Bot.objects.filter(slug=bot).first()
        if found is None:
            raise CommandError(f"There is no bot called {bot}. Nothing was erased.")
        # A command line is seen by everybody on the machine, and kept by the shell.
        name = sys.stdin.readline().rstrip("\n") if user_id == "-" else user_id
        if not name or UNSTORABLE.search(name):
            raise CommandError("Name the end user as the bot does. Nothing was erased.")
        stone = erasing.bury(found, name, by=None)
        count = erasing.erase(stone)
        self.stdout.write(
            f"{count:,} conversations were deleted. "
            "Nothing that this end user said until now is taken in again."
        )
