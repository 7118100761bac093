"""Texts of a bot, as they are stored when somebody first says them."""

from ingest.identities import text_id
from ingest.models import Text
from ml.normalising import normalised


def id_of(bot, text):
    """Another bot's key for the same text is another."""
    return text_id(normalised(text), salt=bot.slug.encode())


def say(bot, *texts):
    Text.objects.bulk_create(
        [Text(id=id_of(bot, text), bot=bot, text=normalised(text)) for text in texts],
        ignore_conflicts=True,
    )
