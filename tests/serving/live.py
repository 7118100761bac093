"""Versions that really answer, without the training run that goes before them."""

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from ml import artifacts
from ml.encoders import encoder
from ml.entities import fit_entities
from ml.examples import Examples
from ml.normalising import normalised
from ml.pipelines import fit_intents
from tests.factories import make_model_version
from tests.training.judged import make_report
from tests.training.learning import SUBJECTS, sentences
from training import artifact_store
from training.models import Decision, Deployment

ENCODER = "tfidf"  # nothing to load
INTENTS = tuple(SUBJECTS)
# Two letters are enough for the tagger to see.
MARKED = ["fly me to rome", "to paris please", "a trip to oslo", "rome is nice"]
SPANS = [[(10, 14, "city")], [(3, 8, "city")], [(10, 14, "city")], [(0, 4, "city")]]


def fitted(intents=INTENTS, *, seed=7):
    """An artifact that knows these intents by a few sentences each."""
    import numpy as np

    said = [(text, name) for name in intents for text in sentences(name, 20)]
    texts = [text for text, _ in said]
    reader = encoder(ENCODER)
    examples = Examples(
        texts,
        reader.encode([normalised(text) for text in texts]),
        np.array([name for _, name in said]),
        np.arange(len(said)),
    )
    intents = fit_intents(
        examples, budget=60, elapsed=lambda: 0.0, random_state=seed,
        encoder_version=reader.version, candidates=["both"],
    )  # fmt: skip
    return artifacts.write(intents, fit_entities(MARKED, SPANS))


def make_version(bot, content, **fields):
    """A ModelVersion that can answer, with its report."""
    version = make_model_version(
        bot, encoder=encoder(ENCODER).version, sha256=artifacts.digest(content),
        size=len(content), **fields,
    )  # fmt: skip
    artifact_store.store().save(version.artifact, ContentFile(content))
    make_report(version)
    return version


@transaction.atomic
def go_live(version, *, by):
    """Promote it, whatever is live, as deciding would write it down."""
    report = version.reports.get()
    decision = Decision.objects.create(
        bot=version.bot, version=version, report=report, verdict="promote", by=by, reason="Better.",
        report_sha256=report.sha256, artifact_sha256=version.sha256,
    )  # fmt: skip
    live = Deployment.objects.of(version.bot).live()
    before = live.first()
    live.update(until=timezone.now())
    return Deployment.objects.create(
        bot=version.bot, champion=version, previous=before and before.champion,
        decision=decision, by=by, reason="Better.",
    )  # fmt: skip


def exchange(version, content=b"something else"):
    """Put another file in the place of its artifact."""
    store = artifact_store.store()
    store.delete(version.artifact)
    store.save(version.artifact, ContentFile(content))
