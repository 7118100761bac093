from typing import Any

from django.core.management.base import BaseCommand

from accounts import people


class Command(BaseCommand):
    help = "Make the operator `admin` if nobody has an account yet, and show their password once."

    def handle(self, *args: Any, **options: Any) -> None:
        password = people.create_first_admin()
        if password is None:
            self.stdout.write("There are people already. Nothing was changed.")
        else:
            self.stdout.write(f"Log in as admin with the password {password}")
