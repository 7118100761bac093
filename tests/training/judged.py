"""Reports to decide on, without the training that goes before them."""

from hashlib import sha256

from django.core.files.base import ContentFile

from tests.factories import make_model_version
from training import artifact_store
from training.canonical import canonical, digest
from training.models import EvaluationReport, TrainingRun


def make_version(bot, *, started_by=None, content=b"an artifact"):
    """A ModelVersion with a file of these bytes behind it."""
    version = make_model_version(bot, sha256=sha256(content).hexdigest())
    artifact_store.store().save(version.artifact, ContentFile(content))
    TrainingRun.objects.filter(pk=version.run_id).update(created_by=started_by)
    version.run.refresh_from_db()
    return version


def make_report(version, *, passes=True, champion=None, found=None, **fields):
    """An EvaluationReport that says no more than it has to."""
    content = canonical({"version": version.number, **(found or {})})
    defaults = {
        "rows": 1000, "looks": 1, "outcome": "better" if passes else "worse",
        "headline": "Better: accuracy 91.2 % against 89.4 %, +0.9 to +2.7 points.",
    }  # fmt: skip
    return EvaluationReport.objects.create(
        bot=version.bot,
        version=version,
        champion=champion,
        dataset=version.run.dataset,
        passes=passes,
        content=content,
        sha256=digest(content),
        **(defaults | fields),
    )
