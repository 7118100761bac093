"""Texts that say nearly the same stand together.

A text's representative is the text with the smallest id among itself and its near-duplicates
(ml/near_duplicates.py); a text without any has none. So a group is a star: each member is a
near-duplicate of the text that it counts under. To follow likeness from text to text would put
"thank you for helping me" under "no, that's all", 316 texts of 14,000 in one group.

Whoever comes last finds the others, and tells them: the order of arrival changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Bot
from ingest.models import Text
from ml.near_duplicates import alike, bands, shingles

BATCH = 200  # texts: about a tenth of a second, in which the job's row is locked

# Texts that are found by the same band, beyond which only those with the smallest ids are.
# Thousands of questions may begin alike, and each would be compared with all before it.
# Up to here the order of arrival changes nothing; beyond, near-duplicates that share no band
# but full ones can be missed.
ROOM = 200

# One search of the index for each band: one search for thousands takes a hundred times as long.
# OFFSET keeps the two apart: joined, a table that grew since its last ANALYZE is read from
# beginning to end.
FIND = """
    SELECT DISTINCT ON (found.id) found.*
    FROM unnest(%(bands)s::bigint[]) AS wanted (band), LATERAL (
        SELECT id, text, bands FROM ingest_text
        WHERE bands @> ARRAY[wanted.band] AND bot_id = %(bot)s OFFSET 0
    ) AS found
"""

STORE = """
    UPDATE ingest_text SET compared = true, bands = found.bands::bigint[], alike_id = found.alike
    FROM unnest(%(ids)s::uuid[], %(bands)s::text[], %(alike)s::uuid[]) AS found (id, bands, alike)
    WHERE ingest_text.id = found.id
"""

TELL = """
    UPDATE ingest_text SET alike_id = found.alike
    FROM unnest(%(ids)s::uuid[], %(alike)s::uuid[]) AS found (id, alike)
    WHERE ingest_text.id = found.id
    AND (ingest_text.alike_id IS NULL OR found.alike < ingest_text.alike_id)
"""

PART = """
    UPDATE ingest_text SET alike_id = NULL, compared = false
    WHERE alike_id = ANY(%(ids)s::uuid[]) AND bot_id = %(bot)s
"""

LOCK = 0x616C69  # with the bot's id; nothing else of ours locks such a pair


def compare_waiting(
    bot: Bot,
    *,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
    writing: Callable[[], AbstractContextManager[None]] = transaction.atomic,
) -> int:
    """Find the near-duplicates of every text of `bot` that waits; how many texts that were.

    Each batch is written in a transaction of its own, opened by `writing`.
    """
    waiting = Text.objects.filter(bot=bot, compared=False).order_by("id")
    done, total = 0, waiting.count()
    while batch := dict(waiting.values_list("id", "text")[:BATCH]):
        texts = {id: Compared.of(text, bot) for id, text in batch.items()}
        with writing():
            _alone(bot)
            _compare(bot, texts)
        done += len(batch)
        on_progress(done, max(done, total))
    return done


def part_from(bot: Bot, ids: Iterable[UUID]) -> None:
    """Let those that texts `ids` stand for wait to be compared anew.

    Call it in the transaction that deletes these texts, and before.
    """
    _alone(bot)
    with connection.cursor() as cursor:
        cursor.execute(PART, {"bot": bot.pk, "ids": list(ids)})


@dataclass
class Compared:
    """A text, and what is known of it so far."""

    shingles: frozenset[str]
    bands: list[int]
    smallest: UUID | None = None  # the smallest id among itself and its near-duplicates

    @classmethod
    def of(cls, text: str, bot: Bot) -> Self:
        """Bands of two bots differ, so that no search meets the texts of another."""
        salt = int.from_bytes(blake2b(b"%d" % bot.pk, digest_size=8).digest(), signed=True)
        found = shingles(text)
        return cls(found, [band ^ salt for band in bands(found)])

    def learn(self, *ids: UUID) -> None:
        self.smallest = min(ids if self.smallest is None else (*ids, self.smallest))


class Shelves:
    """Which texts each band finds."""

    def __init__(self, texts: dict[UUID, Compared]) -> None:
        self._of_band: defaultdict[int, set[UUID]] = defaultdict(set)
        for id, text in texts.items():
            for band in text.bands:
                self._of_band[band].add(id)

    def mates(self, text: Compared) -> set[UUID]:
        return set().union(*(self._of_band[band] for band in text.bands))

    def put(self, id: UUID, text: Compared) -> None:
        """Add a text where there is room for it, and let it have no other bands."""
        text.bands = [band for band in text.bands if self._has_room(band, id)]
        for band in text.bands:
            self._of_band[band].add(id)

    def _has_room(self, band: int, id: UUID) -> bool:
        shelf = self._of_band[band]
        return id in shelf or len(shelf) < ROOM or id < sorted(shelf)[ROOM - 1]


def _alone(bot: Bot) -> None:
    """Wait until nobody else compares texts of `bot`, until the end of the transaction.

    Two who compare at once would not see each other's texts.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, bot.pk])
        # Compiling a search takes longer than the search.
        cursor.execute("SET LOCAL jit = off")


def _compare(bot: Bot, batch: dict[UUID, Compared]) -> None:
    stored = _found_by_the_bands_of(batch, bot)
    shelves, known = Shelves(stored), stored | batch
    for id, text in batch.items():
        for other_id in shelves.mates(text) - {id}:
            other = known[other_id]
            if alike(text.shingles, other.shingles):
                text.learn(id, other_id)
                other.learn(id, other_id)
        shelves.put(id, text)
    _store(batch)
    _tell({id: stored[id] for id in stored.keys() - batch.keys() if stored[id].smallest})


def _found_by_the_bands_of(batch: dict[UUID, Compared], bot: Bot) -> dict[UUID, Compared]:
    wanted = list({band for text in batch.values() for band in text.bands})
    with connection.cursor() as cursor:
        cursor.execute(FIND, {"bot": bot.pk, "bands": wanted})
        return {id: Compared(shingles(text), bands) for id, text, bands in cursor.fetchall()}


def _store(batch: dict[UUID, Compared]) -> None:
    # Arrays of different lengths cannot be the elements of one array, so they go as texts.
    kept = ["{" + ",".join(map(str, text.bands)) + "}" for text in batch.values()]
    smallest = [text.smallest for text in batch.values()]
    with connection.cursor() as cursor:
        cursor.execute(STORE, {"ids": list(batch), "bands": kept, "alike": smallest})


def _tell(others: dict[UUID, Compared]) -> None:
    if not others:
        return
    smallest = [text.smallest for text in others.values()]
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"ids": list(others), "alike": smallest})
