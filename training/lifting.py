"""Letting in what was held back because its intent grew too fast, after a look."""

from django.db import models, transaction
from django.db.models.functions import Now

from accounts.models import User
from accounts.security_log import record
from training.models import DatasetIntent, DatasetVersion


class NotHeldBack(Exception):
    """Nothing of it is held back, somebody was faster, or a newer version has been frozen."""


def is_held_back(called: DatasetIntent) -> bool:
    """Whether rows of it can be let in now."""
    return _held_back(called).exists()


@transaction.atomic
def lift(called: DatasetIntent, *, by: User, reason: str) -> None:
    """Let the next version have what this one held back of an intent."""
    if not _held_back(called).update(lifted_by=by, lifted_at=Now(), lift_reason=reason):
        raise NotHeldBack
    record("quarantine_lifted", by=by, bot_id=called.version.bot_id, dataset_intent_id=called.pk)


def _held_back(called: DatasetIntent) -> models.QuerySet[DatasetIntent]:
    newest = DatasetVersion.objects.of(called.version.bot).sealed().newest_first()
    return DatasetIntent.objects.filter(
        pk=called.pk, expected__isnull=False, lifted_at=None, version=newest.values("pk")[:1]
    )
