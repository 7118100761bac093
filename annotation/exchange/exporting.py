"""All intents and entity types in use, as the entries of a file."""

from accounts.models import Bot
from annotation.exchange.entries import Entry
from annotation.models import EntityType, Intent, IntentExample

OF_BOTH = ("title", "guideline", "colour", "key")


def entries_of(bot: Bot) -> list[Entry]:
    """Those in use, by name, intents first. What is archived is not exchanged."""
    intents = Intent.objects.of(bot).in_use().by_name().prefetch_related("examples")
    types = EntityType.objects.of(bot).in_use().by_name()
    return [entry_of_intent(each) for each in intents] + [
        Entry("entity_type", 0, each.name, _said(each)) for each in types
    ]


def entry_of_intent(intent: Intent) -> Entry:
    good, bad = examples_of(intent)
    fields = _said(intent) | {"critical": intent.critical}
    return Entry("intent", 0, intent.name, fields, good, bad)


def examples_of(intent: Intent) -> tuple[list[str], list[tuple[str, str]]]:
    """Texts that belong; texts that do not, with the reason."""
    rows: list[IntentExample] = list(intent.examples.all())
    good = [row.text for row in rows if row.belongs]
    return good, [(row.text, row.reason) for row in rows if not row.belongs]


def _said(word: Intent | EntityType) -> dict[str, object]:
    return {name: getattr(word, name) for name in OF_BOTH}
