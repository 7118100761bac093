"""Texts that say nearly the same stand together.

A text's representative is the text with the smallest id among itself and its near-duplicates
(ml/near_duplicates.py); a text without any has none. So a group is a star: each member is a
near-duplicate of the text that it counts under. To follow likeness from text to text would put
"thank you for helping me" under "no, that's all", 316 texts of 14,000 in one group.

Whoever comes last finds the others, and tells them: the order of arrival changes nothing.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Bot
from ingest import following
from ingest.models import Text
from ingest.text_lock import lock_texts
from ml.near_duplicates import alike, bands, shingles

BATCH = 200  # texts: about a tenth of a second, in which the job's row is locked

# Texts that are found by the same band, beyond which only those with the smallest ids are.
# Thousands of questions may begin alike, and each would be compared with all before it.
# Up to here the order of arrival changes nothing; beyond, near-duplicates that share no band
# but full ones can be missed.
ROOM = 100

# One search of the index for each band: one search for thousands takes a hundred times as long.
# OFFSET keeps the two apart: joined, a table that grew since its last ANALYZE is read from
# beginning to end.
FIND = """
    SELECT DISTINCT ON (found.id) found.id, text, bands, alike_id
    FROM unnest(%(bands)s::bigint[]) AS wanted (band), LATERAL (
        SELECT id, text, bands, alike_id FROM ingest_text
        WHERE bands @> ARRAY[wanted.band] AND bot_id = %(bot)s OFFSET 0
    ) AS found
    ORDER BY found.id
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
            lock_texts(bot)
            _compare(bot, texts)
        done += len(batch)
        on_progress(done, max(done, total))
    return done


def part_from(bot: Bot, ids: Iterable[UUID]) -> None:
    """Let those that texts `ids` stand for wait to be compared anew.

    Call it in the transaction that deletes these texts, and before.
    """
    lock_texts(bot)
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

    changed: bool = False

    def gains_from(self, id: UUID) -> bool:
        return self.smallest is None or id < self.smallest

    def learn(self, *ids: UUID) -> None:
        for id in filter(self.gains_from, ids):
            self.smallest, self.changed = id, True


class Shelves:
    """Which texts each band finds, sorted by id."""

    def __init__(self, texts: dict[UUID, Compared]) -> None:
        """`texts` come sorted by id."""
        self._of_band: defaultdict[int, list[UUID]] = defaultdict(list)
        for id, text in texts.items():
            for band in text.bands:
                self._of_band[band].append(id)

    def mates(self, text: Compared) -> set[UUID]:
        return set().union(*(self._of_band[band] for band in text.bands))

    def put(self, id: UUID, text: Compared) -> None:
        """Add a text where there is room for it, and let it have no other bands."""
        text.bands = [band for band in text.bands if self._put(id, self._of_band[band])]

    @staticmethod
    def _put(id: UUID, shelf: list[UUID]) -> bool:
        at = bisect_left(shelf, id)
        if at < len(shelf) and shelf[at] == id:
            return True
        if at < ROOM:
            shelf.insert(at, id)
        return at < ROOM


def _compare(bot: Bot, batch: dict[UUID, Compared]) -> None:
    stored = _found_by_the_bands_of(batch, bot)
    shelves, known = Shelves(stored), stored | batch
    for id, text in batch.items():
        for other_id in shelves.mates(text) - {id}:
            other = known[other_id]
            # Where thousands are alike, all but a few know the smallest by now.
            gains = text.gains_from(other_id) or other.gains_from(id)
            if gains and alike(text.shingles, other.shingles):
                text.learn(id, other_id)
                other.learn(id, other_id)
        shelves.put(id, text)
    _store(batch)
    others = {id: other for id, other in stored.items() if other.changed and id not in batch}
    _tell(others)
    grouped = [id for id, text in batch.items() if text.smallest is not None]
    following.tell_of_groups(bot, [*grouped, *others])


def _found_by_the_bands_of(batch: dict[UUID, Compared], bot: Bot) -> dict[UUID, Compared]:
    wanted = list({band for text in batch.values() for band in text.bands})
    with connection.cursor() as cursor:
        # To compile such a search takes longer than the search; and the planner takes thousands
        # of readings of a table that it believes small to be cheap.
        cursor.execute("SET LOCAL jit = off; SET LOCAL enable_seqscan = off")
        cursor.execute(FIND, {"bot": bot.pk, "bands": wanted})
        return {
            id: Compared(shingles(text), bands, smallest)
            for id, text, bands, smallest in cursor.fetchall()
        }


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
