"""Writes down which live versions cannot answer, for the pages that show versions."""

from django.utils import timezone

from accounts.models import Bot
from serving.models import ArtifactTrouble
from training.deploying import live
from training.models import ModelVersion
from training.noticing import notices


def note(version: ModelVersion, sentence: str) -> None:
    ArtifactTrouble.objects.get_or_create(
        version=version,
        defaults={"bot": version.bot, "sentence": sentence[:500], "since": timezone.now()},
    )


def forget(version: ModelVersion) -> None:
    ArtifactTrouble.objects.filter(version=version).delete()


INSTEAD = "Version {number} is live and cannot answer. {other} answers in its place. {why}"
NOBODY = "Version {number} is live and cannot answer, and nothing else can. {why}"


@notices
def cannot_answer(bot: Bot) -> list[str]:
    """Sentences about the version that is live, if it cannot be read."""
    deployed = live(bot)
    if deployed is None:
        return []
    found = ArtifactTrouble.objects.filter(version=deployed.champion).first()
    if found is None:
        return []
    other = deployed.previous
    if other is None or ArtifactTrouble.objects.filter(version=other).exists():
        return [NOBODY.format(number=deployed.champion.number, why=found.sentence)]
    return [
        INSTEAD.format(
            number=deployed.champion.number, other=str(other).capitalize(), why=found.sentence
        )
    ]
