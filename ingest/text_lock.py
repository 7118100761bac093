"""One at a time changes what is known of a bot's texts."""

from django.db import connection

from accounts.models import Bot

LOCK = 0x74657874  # with the bot's id; nothing else of ours locks such a pair


def lock_texts(bot: Bot) -> None:
    """Wait until nobody else writes to texts of `bot`, until the end of the transaction.

    Two who compare at once would not see each other's texts. Vectors must appear in the order
    of their ids, which is what a copy goes by. And whoever locks rows before this lock may
    wait in a circle with those who hold it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, bot.pk])
