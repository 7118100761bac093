"""Plays a labelled file as live traffic, with people who label and versions that go live."""

import logging
import sys
from argparse import ArgumentTypeError
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from learnloop_client import Refused, Unreachable

from replay import beginning, casting, playing, summing, waiting
from replay.browsing import Trouble
from replay.costs import Costs
from replay.measuring import Examination
from replay.models import Replay
from replay.playing import Play, Stage
from replay.reading import Material, NotReadable, read
from replay.telling import Teller
from replay.wishing import NotUnderstood, Until, Wishes

INTERRUPTED = 130
STOPPED = "Stopped. What was done is kept; run the same command again to go on from there."
TWIN = "-twin"
MOST_TIMES = 4  # labels of a twin, for each of the other


def share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ArgumentTypeError(f"a share lies between 0 and 1, as 0.02 does, not {text}")
    return number


def percent(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 50:
        raise ArgumentTypeError(f"a number from 0 to 50, as 7.5 is, not {text}")
    return number


def count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise ArgumentTypeError(f"a number from 1 to 1,000,000, not {text}")
    return int(text)


def condition(text: str) -> Until:
    try:
        return Until.read(text)
    except NotUnderstood as sentence:
        raise ArgumentTypeError(str(sentence)) from None


class Command(BaseCommand):
    help = "Play a labelled file as live traffic: label, train, decide, and see how far it comes."

    def add_arguments(self, parser: CommandParser) -> None:
        usual = Wishes()
        parser.add_argument("file", type=Path, help="JSON lines, packed by gzip or not")
        parser.add_argument("--bot", required=True, help="a slug; the bot is made")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where ./loop up is")
        parser.add_argument("--annotators", type=count, default=usual.annotators, metavar="K")
        parser.add_argument(
            "--noise", type=share, default=usual.noise, metavar="P", help="of wrong answers"
        )
        parser.add_argument(
            "--labels-per-training", type=count, default=usual.per_training, metavar="N"
        )
        parser.add_argument(
            "--until", type=condition, default=Until(), metavar="COND",
            help="accuracy=0.85,labels=1100,rows=…,minutes=…: whichever comes first",
        )  # fmt: skip
        parser.add_argument(
            "--promote", choices=["not-lower", "better"], default="not-lower",
            help="what goes live after the first version",
        )  # fmt: skip
        parser.add_argument("--twin", action="store_true", help="then once more, none chosen")
        parser.add_argument("--backlog", type=count, default=usual.first, metavar="TURNS")
        parser.add_argument("--turns-per-label", type=count, default=usual.per_label, metavar="N")
        parser.add_argument("--audit", type=percent, default=usual.audit, metavar="PERCENT")
        parser.add_argument("--novelty", type=percent, default=usual.novelty, metavar="PERCENT")
        parser.add_argument("--seed", type=int, default=usual.seed)

    def handle(self, *args: Any, file: Path, bot: str, url: str, **options: Any) -> None:
        self._teller, self._until = Teller(self.stdout), options["until"]
        self._url = url
        # The terminal is for people: not for each request, nor for each intent that is made.
        logging.getLogger().setLevel(logging.WARNING)
        wishes = Wishes(
            annotators=options["annotators"],
            noise=options["noise"],
            per_training=options["labels_per_training"],
            only_better=options["promote"] == "better",
            first=options["backlog"],
            per_label=options["turns_per_label"],
            audit=options["audit"],
            novelty=options["novelty"],
            seed=options["seed"],
        )
        try:
            self._play_all(file, bot, wishes, with_twin=options["twin"])
        except KeyboardInterrupt:
            self.stderr.write(STOPPED)
            sys.exit(INTERRUPTED)
        except (NotReadable, casting.NotPossible, beginning.AnotherGoesOn) as sentence:
            raise CommandError(str(sentence)) from sentence
        except (Trouble, Refused, Unreachable, httpx.HTTPError) as error:
            raise CommandError(
                f"The install at {url} did not answer as it should: {error} What was done is kept; "
                "run the same command again to go on from there."
            ) from error

    def _play_all(self, file: Path, slug: str, wishes: Wishes, *, with_twin: bool) -> None:
        material = read(file, seed=wishes.seed)
        self._is_there()
        waiting.workers_or_stop()
        self._say_what(file, material)
        examination = Examination(material.tests)
        row = self._play(file, slug, wishes, material, examination)
        if not with_twin:
            return
        self._teller.say("\nThe same, and none chosen:")
        twin = self._play(
            file, slug + TWIN, replace(wishes, at_random=True), material, examination, of=row
        )
        self._teller.say("")
        accuracy = self._until.accuracy or row.last.get("accuracy", 0.0)
        self._teller.compare(summing.compared(row, twin, accuracy=accuracy))

    def _is_there(self) -> None:
        try:
            response = httpx.get(f"{self._url}/readyz", timeout=10)
        except httpx.HTTPError as error:
            raise casting.NotPossible(
                f"Nothing answers at {self._url}. Start ./loop up in another terminal, or say "
                "where it is with --url."
            ) from error
        if response.status_code != httpx.codes.OK:
            raise casting.NotPossible(f"The install at {self._url} is not ready: {response.text}")

    def _say_what(self, file: Path, material: Material) -> None:
        kept = "its own test split" if material.has_own_test else "every fifth conversation"
        self._teller.say(
            f"{file.name}: {material.turns:,} turns in {len(material.talks):,} conversations, "
            f"{len(material.intents):,} intents; {len(material.tests):,} turns test ({kept})."
        )

    def _play(
        self,
        file: Path,
        slug: str,
        wishes: Wishes,
        material: Material,
        examination: Examination,
        *,
        of: Replay | None = None,
    ) -> Replay:
        bot = casting.bot_for(slug)
        until = self._until if of is None else self._of_twin(of)
        with beginning.alone(bot, folder=settings.DATA):
            row = beginning.begin(
                bot, file=file.name, sha256=material.sha256, wishes=wishes, twin_of=of
            )
            if row.is_going or not playing.is_over(row, until):
                beginning.go_on(row)
                cast = casting.cast(bot, wishes=wishes, intents=material.intents)
                costs = Costs(settings.DATA, row.stages)
                stage = Stage(material, cast, examination, costs, self._url, self._teller)
                self._teller.begin(before=row.last)
                try:
                    Play(row, stage=stage, until=until).run()
                finally:
                    casting.take_keys_back(bot)
        self._teller.say("")
        self._teller.table(row)
        self._teller.say(f"{'Page':<34}{self._url}/replays/{row.pk}/?bot={slug}")
        return row

    def _of_twin(self, row: Replay) -> Until:
        """As accurate as the other was asked to be, with some times its labels at most."""
        until: Until = self._until
        return replace(until, labels=MOST_TIMES * row.count("labels"), rows=None)
