from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import pseudonyms, second_factors, webhook_secrets
from accounts.sealing import SealBroken


class Command(BaseCommand):
    help = (
        "Seal every webhook secret, second factor and salt with the first of "
        "LEARNLOOP_ENCRYPTION_KEYS. After it, the others can be taken away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            webhooks = webhook_secrets.reseal_all()
            factors = second_factors.reseal_all()
            salts = pseudonyms.reseal_all()
        except SealBroken as broken:
            raise CommandError(
                "A secret was sealed with a key that is not in LEARNLOOP_ENCRYPTION_KEYS. "
                "Put that key back at the end of the list and run this again; "
                "what was resealed so far stays so."
            ) from broken
        self.stdout.write(
            f"{webhooks} webhook secrets, {factors} second factors and {salts} salts "
            "are sealed with the first key."
        )
