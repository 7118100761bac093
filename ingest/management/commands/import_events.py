"""Reads events in from a file, or from standard input."""

import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from accounts.models import Bot
from ingest import importing
from ingest.adapters.formats import FORMATS
from ingest.adapters.opening import Source
from ingest.adapters.records import BrokenFile
from ingest.events import EARLIEST
from ingest.import_batches import ReadElsewhere
from ingest.importing import PAST, FormatUnknown, Importing, Wishes
from ingest.management.progress import Progress
from ingest.models import Import
from ingest.reading import NotUsable, read_event
from ingest.refused_lines import NotWritable, RefusedLines
from jobs.models import Process

INTERRUPTED = 130
GO_ON = "Run the same command again to go on from there."
FROM_THE_START = "Send the same again: what is stored is known, and nothing is stored twice."


def moment(text: str) -> datetime:
    """A day or a time, in UTC if it names no zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no time. Write one like 2026-05-09T14:02") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not EARLIEST <= at <= timezone.now() - PAST:
        raise ArgumentTypeError(
            f"conversations are spread over {PAST.days} days from here on, so it must lie that "
            "long back, and not before the year 2000"
        )
    return at


class Command(BaseCommand):
    help = "Read events in from a file (JSONL or CSV, packed by gzip or not), or from - ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a path, or - for standard input")
        parser.add_argument("--bot", required=True, help="the slug of the bot")
        parser.add_argument(
            "--format", choices=FORMATS, help="what a line holds; else the first line tells"
        )
        parser.add_argument(
            "--starting",
            type=moment,
            help="from when on events without a time were, within a week; else a week ago. "
            "A run that goes on keeps what the first one had.",
        )
        parser.add_argument("--channel", help="where conversations took place, if they do not say")
        parser.add_argument("--language", help="their language, if they do not say")
        parser.add_argument(
            "--refused", type=Path, help="where to write which lines could not be used, and why"
        )
        parser.add_argument("--again", action="store_true", help="read a file in once more")

    def handle(self, *args: Any, file: str, bot: str, **options: Any) -> None:
        wishes = Wishes(**{name: options[name] for name in Wishes.__dataclass_fields__})
        _check_words(wishes)
        owner = _bot_called(bot)
        source = _opened(file)
        try:
            with _troubles_in_words(source):
                begun = importing.begin(source, bot=owner, wishes=wishes)
            refused = RefusedLines(options["refused"] or _beside(source))
            if begun.row.ended_at:
                self.stdout.write(f"{file} was read in before. {summary(begun.row, refused)}")
                self.stdout.write("Add --again to read it in once more.")
            else:
                self._run(begun, source, refused)
        finally:
            source.close()

    def _run(self, begun: Importing, source: Source, refused: RefusedLines) -> None:
        row = begun.row
        if row.offset:
            self.stdout.write(f"Going on after line {row.lines:,}.")
        progress = Progress(self.stdout, total=source.size)

        def watch(row: Import) -> None:
            progress.show(position=source.position, events=row.accepted + row.duplicates)

        try:
            with _troubles_in_words(source, row):
                importing.run(begun, refused=refused, watch=watch)
        except KeyboardInterrupt:
            progress.end()
            _read_anew(row)
            self.stderr.write(f"Stopped. {_so_far(row, source)}")
            sys.exit(INTERRUPTED)
        progress.end()
        self._conclude(row, refused)

    def _conclude(self, row: Import, refused: RefusedLines) -> None:
        if not row.accepted + row.duplicates + row.erased:
            raise CommandError(f"Nothing could be used. {summary(row, refused)}")
        self.stdout.write(summary(row, refused))
        if not Process.objects.alive(Process.Role.WORKER).exists():
            self.stdout.write(
                "No worker runs now: signals are found and texts compared after the next ./loop up."
            )


def summary(row: Import, refused: RefusedLines) -> str:
    """How many there were of each, and where to read why."""
    said = [f"{row.accepted:,} stored", f"{row.duplicates:,} known before"]
    if row.erased:
        said.append(f"{row.erased:,} left out because somebody was erased")
    lines = "1 line" if row.refused == 1 else f"{row.refused:,} lines"
    where = f"; {refused.path} says why" if row.refused else ""
    return f"Events: {', '.join(said)}. Refused: {lines}{where}."


# ── what the person asked for ─────────────────────────────────────────────────────────


def _check_words(wishes: Wishes) -> None:
    """Before each line is refused for them."""
    said = {"channel": wishes.channel, "language": wishes.language}
    try:
        read_event({"kind": "closed", "conversation_id": "any"} | said)
    except NotUsable as mistake:
        raise CommandError(f"--{mistake.field}: {mistake}") from mistake


def _bot_called(slug: str) -> Bot:
    bot = Bot.objects.filter(slug=slug).first()
    if bot is None:
        known = ", ".join(Bot.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise CommandError(f"There is no bot {slug}. Bots: {known or 'none yet'}.")
    return bot


def _opened(file: str) -> Source:
    try:
        return Source(file)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CommandError(f"{file} cannot be read: {reason}. Nothing was stored.") from error


def _beside(source: Source) -> Path:
    return Path("import.refused.jsonl" if source.size is None else f"{source.path}.refused.jsonl")


# ── what went wrong ───────────────────────────────────────────────────────────────────


@contextmanager
def _troubles_in_words(source: Source, row: Import | None = None) -> Iterator[None]:
    try:
        yield
    except FormatUnknown:
        raise CommandError(_riddle(source)) from None
    except BrokenFile as broken:
        reason = f"The rest of {source.path} cannot be read: {broken.__cause__}."
        raise CommandError(f"{reason} {_so_far(row, source)}") from broken
    except ReadElsewhere:
        raise CommandError(
            "Another run reads this file in right now, and goes on. This one has stopped."
        ) from None
    except (OperationalError, InterfaceError) as error:
        reason = f"The database stopped: {str(error).strip()}."
        _read_anew(row)
        raise CommandError(f"{reason} {_so_far(row, source)}") from error
    except NotWritable as error:
        reason = f"The refused lines cannot be written: {error}. Choose a --refused file."
        raise CommandError(f"{reason} {_so_far(row, source)}") from error


def _riddle(source: Source) -> str:
    if source.size == 0:
        return f"{source.path} is empty. Nothing was stored."
    return (
        f"The first lines of {source.path} look like no format that is known. Put one object on "
        f"each line, or say what they hold: --format {', '.join(FORMATS)}."
    )


def _read_anew(row: Import | None) -> None:
    """A run that was stopped in the middle may have stored more than it heard of."""
    with suppress(DatabaseError):
        connection.close()
        if row:
            row.refresh_from_db()


def _so_far(row: Import | None, source: Source) -> str:
    """What is kept, and what to do now."""
    if row is None or not row.lines:
        return "Nothing was stored."
    kept = f"Everything up to line {row.lines:,} is stored."
    how = GO_ON if source.size is not None else FROM_THE_START
    return f"{kept} {how}"
