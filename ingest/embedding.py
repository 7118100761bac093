"""Vectors for the texts that wait for one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from accounts.models import Bot
from ingest.models import IntakeSettings, Text
from ingest.text_lock import lock_texts
from ml.encoders import Encoder, encoder

BATCH = 512  # texts: a third of a second of work between two looks at whether it is still wanted

# Vectors come as one block of bytes: half a thousand parameters cost more than to cut it here.
# A text that was deleted since it was read is not in the table, so nothing is stored for it.
STORE = """
    WITH given AS (
        SELECT text_id, substring(%(block)s::bytea FROM (nth - 1)::int * %(size)s + 1 FOR %(size)s)
               AS vector
        FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS each (text_id, nth)
    ), still AS (
        UPDATE ingest_text SET encoded_by = %(version)s FROM given WHERE id = text_id
        RETURNING text_id, vector
    )
    INSERT INTO ingest_textvector (bot_id, text_id, encoder, vector)
    SELECT %(bot)s, text_id, %(version)s, vector FROM still
    ON CONFLICT (text_id, encoder) DO NOTHING
"""

WAIT_AGAIN = """
    UPDATE ingest_text SET encoded_by = CASE WHEN EXISTS (
        SELECT FROM ingest_textvector WHERE text_id = ingest_text.id AND encoder = %(version)s
    ) THEN %(version)s ELSE '' END
    WHERE bot_id = %(bot)s AND encoded_by NOT IN ('', %(version)s)
"""


def encoder_of(bot: Bot) -> Encoder:
    """Return the encoder that the bot's settings name."""
    settings = IntakeSettings.objects.filter(bot=bot).first() or IntakeSettings(bot=bot)
    return encoder(settings.encoder)


def embed_waiting(
    bot: Bot,
    *,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
    writing: Callable[[], AbstractContextManager[None]] = transaction.atomic,
) -> int:
    """Give every text of `bot` that waits a vector; how many texts that were.

    Each batch is written in a transaction of its own, opened by `writing`.
    """
    reader = encoder_of(bot)
    waiting = Text.objects.filter(bot=bot, encoded_by="").order_by("id")
    done, total = 0, waiting.count()
    while batch := list(waiting.values_list("id", "text")[:BATCH]):
        vectors = reader.encode([text for _, text in batch])
        with writing():
            _store(bot, ids=[id for id, _ in batch], vectors=vectors, version=reader.version)
        done += len(batch)
        on_progress(done, max(done, total))
    return done


def encode_anew(bot: Bot) -> int:
    """Let the texts wait that the bot's encoder has not encoded; how many were looked at.

    For when the bot gets another encoder, or the encoder another version. Vectors of others stay.
    """
    version = encoder_of(bot).version
    with transaction.atomic(), connection.cursor() as cursor:
        lock_texts(bot)
        cursor.execute(WAIT_AGAIN, {"bot": bot.pk, "version": version})
        return int(cursor.rowcount)


def _store(bot: Bot, *, ids: list[UUID], vectors: NDArray[np.float32], version: str) -> None:
    block = vectors.astype("<f2").tobytes()
    size = len(block) // len(ids)
    lock_texts(bot)
    with connection.cursor() as cursor:
        cursor.execute(
            STORE,
            {"bot": bot.pk, "version": version, "ids": ids, "block": block, "size": size},
        )
