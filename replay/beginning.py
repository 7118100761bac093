"""Beginning a replay, or going on with one that was stopped."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import IntegrityError, transaction

from accounts.models import Bot
from replay.models import Replay
from replay.wishing import Wishes


class AnotherGoesOn(Exception):
    """`str()` of it says which, and what to do."""


def begin(
    bot: Bot, *, file: str, sha256: str, wishes: Wishes, twin_of: Replay | None = None
) -> Replay:
    """The replay of this file for `bot` with these wishes: new, stopped before, or ended.

    Raise AnotherGoesOn where the bot has one of another kind: what it learned would be mixed.
    """
    last = Replay.objects.of(bot).newest_first().first()
    if last is not None:
        return _gone_on_with(last, sha256, wishes)
    try:
        with transaction.atomic():
            return Replay.objects.create(
                bot=bot, file=file, sha256=sha256, wishes=wishes.as_json(), twin_of=twin_of
            )
    except IntegrityError as error:
        raise AnotherGoesOn(f"Another replay of {bot.name} began at this moment.") from error


def _gone_on_with(row: Replay, sha256: str, wishes: Wishes) -> Replay:
    if row.sha256 != sha256 or row.wishes != wishes.as_json():
        raise AnotherGoesOn(
            f"{row.bot.name} played {row.file} with other wishes before, and learned from that. "
            "Say what you said then, or name a bot that is not there yet."
        )
    return row


@contextmanager
def alone(bot: Bot, *, folder: Path) -> Iterator[None]:
    """Keep others on this machine from playing for the same bot. Raise AnotherGoesOn."""
    with (folder / f"replay-{bot.pk}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherGoesOn(f"A replay of {bot.name} goes on right now.") from None
        yield


def go_on(row: Replay) -> None:
    """Open a replay again that came to its end before, to play more of it."""
    Replay.objects.filter(pk=row.pk).update(ended_at=None, ended_because="")
    row.refresh_from_db()
