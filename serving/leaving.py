"""Lets go of what was answered in conversations that are deleted."""

from collections.abc import Sequence
from uuid import UUID

from accounts.models import Bot
from ingest.leaving import lets_go
from serving.models import Prediction


@lets_go
def forget_predictions(bot: Bot, conversations: Sequence[UUID]) -> None:
    """What waits to be taken in is not of what is deleted: whoever takes it in sees to erasure."""
    of_them = Prediction.objects.of(bot).filter(conversation__in=conversations)
    of_them.filter(waiting__isnull=True).delete()
