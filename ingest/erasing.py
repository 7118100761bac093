"""Erases an end user, for good: a backup that is restored later does not bring them back.

The tombstone is a row, and also a file in the file storage, which no backup of the database
holds. It says nothing but the pseudonym and when.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Bot, User
from accounts.pseudonyms import pseudonym, salt_of
from accounts.security_log import record
from ingest import leaving, storing
from ingest.events import EARLIEST
from ingest.models import Conversation, Tombstone
from jobs import requesting
from jobs.models import Job

FOLDER = "tombstones"
ERASE = "erase_end_user"


def conversations_of(bot: Bot, user_id: str) -> int:
    """How many conversations of `bot` the end user is in."""
    return Conversation.objects.of(bot).of_user(_subject(bot, user_id)).count()


def bury(bot: Bot, user_id: str, *, by: User | None) -> Tombstone:
    """Set the tombstone: from now on nothing that they said until now is taken in.

    What is stored is deleted by `erase`, which may take longer.
    """
    subject = _subject(bot, user_id)
    with transaction.atomic():
        storing.wait_for_storing(bot.pk)
        at = _the_last_word(bot, subject)
        # The file first: a row without a file would be lost with the database.
        _write(_Stone(bot.pk, subject, at))
        _set_stones(bot, [subject], at=at)
        stone = Tombstone.objects.of(bot).get(subject=subject)
        record("end_user_erased", by=by, bot_id=bot.pk, tombstone_id=stone.pk)
    return stone


def request_erasure(bot: Bot, user_id: str, *, by: User) -> Job:
    """Bury the end user now, and ask for the job that deletes what is stored."""
    with transaction.atomic():
        stone = bury(bot, user_id, by=by)
        return requesting.request(ERASE, object_id=stone.pk, bot=bot, by=by)


def erase(
    stone: Tombstone, *, on_progress: Callable[[int, int], object] = lambda done, total: None
) -> int:
    """Delete every conversation that the buried end user was in before; how many these were."""
    bot = stone.bot
    past = (
        Conversation.objects.of(bot).of_user(stone.subject).filter(started_at__lte=stone.erased_at)
    )
    done, total = 0, past.count()
    while batch := list(past.order_by("pk").values_list("pk", flat=True)[: leaving.AT_ONCE]):
        # Events of theirs that come late may not say whose they are. Apart from deleting, which
        # takes long: whoever stores later sees the stones, and who stored before is done.
        with transaction.atomic():
            storing.wait_for_storing(bot.pk)
            _set_stones(bot, batch, at=stone.erased_at)
        leaving.delete_conversations(bot, batch)
        done += len(batch)
        on_progress(done, max(done, total))
    record("erasure_done", bot_id=bot.pk, tombstone_id=stone.pk, conversations=done)
    return done


def erase_again() -> int:
    """Erase those who came back with a backup; how many conversations that were."""
    erased = 0
    for stone in _written():
        bot = Bot.objects.filter(pk=stone.bot_id).first()
        if bot is None or Tombstone.objects.of(bot).filter(subject=stone.subject).exists():
            continue
        with transaction.atomic():
            _set_stones(bot, [stone.subject], at=stone.erased_at)
        erased += erase(Tombstone.objects.of(bot).get(subject=stone.subject))
    return erased


def _subject(bot: Bot, user_id: str) -> UUID:
    return pseudonym(user_id, salt=salt_of(bot))


def _the_last_word(bot: Bot, subject: UUID) -> datetime:
    """Now, or later where the clock of the bot is ahead."""
    said = Conversation.objects.of(bot).of_user(subject).aggregate(Max("last_at"))["last_at__max"]
    return max(timezone.now(), said or EARLIEST)


SET = """
INSERT INTO ingest_tombstone AS known (bot_id, subject, erased_at)
SELECT %s, subject, %s FROM unnest(%s::uuid[]) AS new (subject) ORDER BY subject
ON CONFLICT (bot_id, subject)
DO UPDATE SET erased_at = GREATEST(known.erased_at, excluded.erased_at)
"""


def _set_stones(bot: Bot, subjects: list[UUID], *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SET, [bot.pk, at, subjects])


@dataclass(frozen=True)
class _Stone:
    """What the file says."""

    bot_id: int
    subject: UUID
    erased_at: datetime

    @property
    def path(self) -> str:
        return f"{FOLDER}/{self.bot_id}/{self.subject}.json"


def _write(stone: _Stone) -> None:
    said = {"bot": stone.bot_id, "subject": str(stone.subject), "at": stone.erased_at.isoformat()}
    if default_storage.exists(stone.path):  # storages never overwrite: they choose another name
        default_storage.delete(stone.path)
    default_storage.save(stone.path, ContentFile(json.dumps(said).encode()))


def _written() -> Iterator[_Stone]:
    for folder in _listed(FOLDER, folders=True):
        for name in _listed(f"{FOLDER}/{folder}", folders=False):
            with default_storage.open(f"{FOLDER}/{folder}/{name}") as file:
                said: dict[str, Any] = json.loads(file.read())
            yield _Stone(said["bot"], UUID(said["subject"]), datetime.fromisoformat(said["at"]))


def _listed(path: str, *, folders: bool) -> list[str]:
    try:
        inner, files = default_storage.listdir(path)
    except FileNotFoundError:
        return []
    return sorted(inner if folders else files)
