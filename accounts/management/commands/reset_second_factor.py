from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import second_factors
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Let somebody who lost their phone and their recovery codes in with the password alone. "
        "For the last operator; others are reset under Settings, People."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError("Nobody has this username. Nothing was changed.")
        second_factors.reset(person, by=None)
        self.stdout.write(f"{person.username} logs in with the password alone from now on.")
