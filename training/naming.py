"""What intents are called now, whatever they were called when a version learned them."""

from accounts.models import Bot
from annotation import aliases
from annotation.models import Intent
from training.models import ModelVersion


def names_of(bot: Bot) -> dict[int, str]:
    """Names by keys; a merged intent has that of the one that it is part of."""
    names = dict(Intent.objects.of(bot).values_list("pk", "name"))
    names.update({each: names[into] for each, into in aliases.merged_into(bot).items()})
    return names


def names_now(version: ModelVersion) -> dict[str, str]:
    """How the intents that `version` learned are called now, by what they were called then."""
    if version.run.dataset is None:
        return {}
    called = version.run.dataset.intents.exclude(intent=None)
    names = names_of(version.bot)
    return {name: names[intent] for name, intent in called.values_list("name", "intent")}
