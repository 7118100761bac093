from typing import Any

from django.core.management.base import BaseCommand

from ingest import erasing


class Command(BaseCommand):
    help = "After a backup was restored: erase again who was erased since it was made."

    def handle(self, *args: Any, **options: Any) -> None:
        count = erasing.erase_again()
        self.stdout.write(f"{count:,} conversations of erased end users were deleted again.")
