"""Asking for a model version to be judged, and on what."""

from collections.abc import Callable

from django.db.models import Max

from accounts.models import Bot, User
from annotation.models import GoldLabel
from annotation.queueing import Writing
from jobs import requesting
from jobs.models import Job
from training import freezing
from training.models import DatasetVersion, ModelVersion

EVALUATE = "evaluate"

Progress = Callable[[int, int, str], object]


def request(version: ModelVersion, *, by: User | None) -> Job:
    """Have `version` judged. A judging that was asked for already will do.

    Who asks by hand gets what the audit has by then; after a training it is what the run froze.
    """
    key = f"{EVALUATE}:{version.pk}" + (":again" if by else "")
    return requesting.request(EVALUATE, object_id=version.pk, bot=version.bot, by=by, key=key)


def test_set_of(
    version: ModelVersion, *, by: User | None, on_progress: Progress, writing: Writing
) -> DatasetVersion:
    """The newest dataset version; where somebody asks and the audit has grown, one more."""
    newest = DatasetVersion.objects.of(version.bot).sealed().newest_first().first()
    if newest is None or (by is not None and has_grown(version.bot, newest)):
        return freezing.freeze(version.bot, by=by, on_progress=on_progress, writing=writing)
    return newest


def has_grown(bot: Bot, since: DatasetVersion) -> bool:
    """Whether anything of the audit was labelled since a dataset version."""
    audit = GoldLabel.objects.of(bot).current().filter(side="audit")
    newest = audit.aggregate(at=Max("created_at"))["at"]
    return newest is not None and newest > since.created_at


def newest_judging(version: ModelVersion) -> Job | None:
    """The job that was asked for last."""
    jobs = Job.objects.of(version.bot).filter(kind=EVALUATE, object_id=version.pk)
    return jobs.newest_first().first()
