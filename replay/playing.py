"""Plays a replay: traffic, labels, trainings and decisions, until a condition holds."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from learnloop_client import Client

from annotation.models import Annotation, GoldLabel
from jobs.models import Job
from replay import promoting, waiting
from replay.annotating import Annotator, Book, Pace, wait_for_labels
from replay.browsing import Browser
from replay.casting import Cast
from replay.costs import Costs
from replay.measuring import Examination
from replay.models import Replay
from replay.promoting import Choice
from replay.reading import Material, Talk
from replay.streaming import Counts, Streamer
from replay.telling import Teller
from replay.wishing import Until, Wishes
from training import deploying
from training.models import ModelVersion, TrainingRun

ENDED_BADLY = (Job.State.FAILED, Job.State.CANCELLED)
NOTHING_LEFT = "everything in the file that can be labelled was"
SEEN_EVERY = timedelta(seconds=10)


@dataclass(frozen=True)
class Stage:
    """What a replay is played with."""

    material: Material
    cast: Cast
    examination: Examination
    costs: Costs
    url: str
    teller: Teller


class Play:
    """One replay while it goes on. `row` is its record, and says where it was stopped."""

    def __init__(self, row: Replay, *, stage: Stage, until: Until) -> None:
        self.row, self.bot = row, stage.cast.bot
        self.wishes = Wishes.from_json(row.wishes)
        self._material, self._cast, self._until = stage.material, stage.cast, until
        self._url, self._examination = stage.url, stage.examination
        self._costs, self._teller = stage.costs, stage.teller
        self._began = time.monotonic() - row.count("seconds")
        self._pace = Pace(labels_given(row))
        self._run_before: TrainingRun | None = None

    @property
    def labels(self) -> int:
        return self._pace.given

    def run(self) -> None:
        """Go on until a condition holds, then say in the row why it ended."""
        with ExitStack() as stack:
            self._enter(stack)
            self._catch_up()
            why = self._reason_to_end()
            while why is None:
                why = self._round() or self._reason_to_end()
        self._keep()
        ended = {"ended_at": timezone.now(), "ended_because": why}
        Replay.objects.filter(pk=self.row.pk).update(**ended)
        self.row.refresh_from_db()

    def _enter(self, stack: ExitStack) -> None:
        """Have everybody come in; whoever did leaves when the stack is left."""
        client = Client(
            self._url, bot=self.bot.slug, api_key=self._cast.token, webhook_secret=self._cast.secret
        )
        stack.enter_context(client)
        self._admin = stack.enter_context(Browser(self._url))
        self._admin.log_in(self._cast.admin.username, self._cast.admin.password)
        self._streamer = Streamer(
            client,
            self._material,
            name_of=self._name_of,
            rated=self.wishes.rated,
            seed=f"replay-{self.row.pk}",
            since=self.row.began_at,
            counts=Counts(**{name: self.row.count(name) for name in Counts.__annotations__}),
        )
        book = Book({self._name_of(talk): talk for talk in self._material.talks})
        self._annotators = [
            Annotator(
                self._url, who, cast=self._cast, book=book, pace=self._pace,
                noise=self.wishes.noise, seed=f"{self.row.pk}-{who.username}-{self.labels}",
            )
            for who in self._cast.annotators
        ]  # fmt: skip
        everybody: list[Streamer | Annotator] = [self._streamer, *self._annotators]
        for each in everybody:
            stack.callback(each.join, 60.0)
            stack.callback(each.stop)
            each.start()

    def _name_of(self, talk: Talk) -> str:
        return f"r{self.row.pk}-{talk.name}"

    # ── one round: traffic, labels, a version, a decision ─────────────────────────────

    def _catch_up(self) -> None:
        """Go on with a run that had begun when the replay was stopped."""
        run = waiting.last_run(self.bot)
        noted = {point["version"] for point in self.row.points}
        if (
            run is None
            or run.job.state in ENDED_BADLY
            or run.version
            and run.version.number in noted
        ):
            return
        self._learn(waiting.trained(run, tell=self._tell))
        self._keep()

    def _round(self) -> str | None:
        """Label until the trigger strikes, and see what comes of it; why to end, if so."""
        self._run_before = waiting.last_run(self.bot)
        with self._costs.stage("traffic"):
            self._let_traffic_come()
        with self._costs.stage("labelling"):
            goes_on = self._label()
        if not goes_on and not self._has_new_labels():
            return NOTHING_LEFT
        with self._costs.stage("training"):
            if self._is_short_of_labels():
                self._train_by_hand()
            run = waiting.triggered(self.bot, after=self._run_before, tell=self._tell)
            run = waiting.trained(run, tell=self._tell)
        self._learn(run)
        self._keep()
        return None if goes_on else NOTHING_LEFT

    def _let_traffic_come(self) -> None:
        self._streamer.allow(self.wishes.turns_due(self.labels))
        waiting.until(self._is_even, what="traffic", tell=self._tell, patience=3600)
        if not self.row.points or self.wishes.at_random:
            waiting.until_something_waits(self.bot, tell=self._tell)

    def _is_even(self) -> bool:
        if self._streamer.trouble:
            raise self._streamer.trouble
        return self._streamer.is_even

    def _label(self) -> bool:
        """Have labels given until the trigger strikes; False where no more can be."""
        while missing := self._labels_wanted():
            self._pace.allow(self.labels + missing)
            if not wait_for_labels(
                self._annotators, self._pace, is_dry=self._is_dry, on_wait=self._watch
            ):
                return False
        return True

    def _labels_wanted(self) -> int:
        """Until the trigger strikes, or the labels that there may be are given."""
        if waiting.last_run(self.bot) != self._run_before:
            return 0  # the clock was faster
        missing = waiting.missing_labels(self.bot, self.wishes.per_training)
        if self._until.labels is not None:
            missing = min(missing, max(self._until.labels - self.labels, 0))
        return missing

    def _watch(self) -> None:
        self._is_even()
        due = self.wishes.turns_due(self.labels)
        self._streamer.allow(max(due, self._streamer.counts.sent))
        self._tell("labelling")

    def _is_dry(self) -> bool:
        """Whether nothing is left to label. Where the file goes on, more of it comes."""
        if not waiting.is_empty(self.bot):
            return False
        if self._streamer.is_over:
            return True
        more = max(self.wishes.per_training // 2, 20)
        self._streamer.allow(self._streamer.counts.sent + more)
        waiting.until(self._is_even, what="traffic", tell=self._tell)
        waiting.until_something_waits(self.bot, tell=self._tell)
        self._pace.idle.clear()
        return False

    def _is_short_of_labels(self) -> bool:
        """Whether the trigger will not strike, because no more labels come."""
        if waiting.last_run(self.bot) != self._run_before:
            return False
        return waiting.missing_labels(self.bot, self.wishes.per_training) > 0

    def _train_by_hand(self) -> None:
        """What was labelled last should not go to waste."""
        path = "/training/"
        page = self._admin.get(path, bot=self.bot.slug)
        self._admin.send(self._admin.form_of(page, "csrfmiddlewaretoken", path, to="/start/"))

    def _has_new_labels(self) -> bool:
        wanted = self.wishes.per_training
        return waiting.missing_labels(self.bot, wanted) < wanted

    def _learn(self, run: TrainingRun) -> None:
        version = run.version
        if version is None:
            self.row.counts["failed"] = self.row.count("failed") + 1
            self._teller.say(f"Run {run.number} made no version: {run.job.error}")
            return
        with self._costs.stage("judging"):
            choice = self._judge(version)
        with self._costs.stage("drawing"):
            waiting.drawn_by(version, tell=self._tell)
        with self._costs.stage("measuring"):
            self._note(version, choice)

    def _judge(self, version: ModelVersion) -> Choice | None:
        report = waiting.judged(version, tell=self._tell)
        if report is None:
            return None
        if (decided := promoting.decided(version)) is not None:
            return decided  # then the replay was stopped
        choice = promoting.choose(report, only_better=self.wishes.only_better)
        promoting.decide(self._admin, version, choice)
        return choice

    # ── what is kept and told ─────────────────────────────────────────────────────────

    def _note(self, version: ModelVersion, choice: Choice | None) -> None:
        """One more point of the curve."""
        found = self._examination.ask(version).as_json()
        known = {point["version"]: point["accuracy"] for point in self.row.points}
        known[version.number] = found["accuracy"]
        live = deploying.champion_of(self.bot)
        counts = self._streamer.counts
        audit = GoldLabel.objects.of(self.bot).current().filter(side="audit").count()
        point: dict[str, Any] = {
            "labels": self.labels,
            "audit": audit,
            "version": version.number,
            "version_id": version.pk,
            **found,
            "verdict": choice.verdict if choice else "",
            "why": choice.why if choice else "It could not be judged.",
            "overrides": bool(choice and choice.overrides),
            "live": live.number if live else None,
            "live_accuracy": known.get(live.number) if live else None,
            "sent": counts.sent,
            "answered": counts.answered,
            "right": counts.right,
            "seconds": round(self._seconds, 1),
        }
        self.row.points.append(point)
        self._teller.point(point)

    def _keep(self) -> None:
        self.row.counts = self.row.counts | asdict(self._streamer.counts) | {
            "labels": self.labels,
            "wrong": self.row.count("wrong") + self._pace.take_wrong(),
            "seconds": round(self._seconds),
            "outside_labelled": self._outside_labelled(),
        }  # fmt: skip
        self.row.stages = self._costs.stages
        self.row.seen_at = timezone.now()
        self.row.save(update_fields=["counts", "points", "stages", "seen_at"])

    def _outside_labelled(self) -> int:
        """How many of the turns that no intent fits people labelled so."""
        outside = {
            self._name_of(talk)
            for talk in self._material.talks
            if any(said.intent == "" for said in talk.turns)
        }
        said = GoldLabel.objects.of(self.bot).current().filter(verdict="oos")
        names = said.values_list("turn__conversation__name", flat=True)
        return sum(name in outside for name in names.iterator())

    def _reason_to_end(self) -> str | None:
        return self._until.reached(
            labels=self.labels,
            accuracy=self.row.last.get("live_accuracy"),
            rows=self._streamer.counts.sent,
            seconds=self._seconds,
        )

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _tell(self, what: str) -> None:
        sent, turns = self._streamer.counts.sent, self._material.turns
        self._teller.progress(f"{self.labels:,} labels · {sent:,} of {turns:,} turns · {what}")
        if timezone.now() - self.row.seen_at > SEEN_EVERY:
            self.row.seen_at = timezone.now()
            self.row.save(update_fields=["seen_at"])


def is_over(row: Replay, until: Until) -> bool:
    """Whether a replay that ended has no more to give, or what is asked for already."""
    return row.ended_because == NOTHING_LEFT or bool(
        until.reached(
            labels=row.count("labels"),
            accuracy=row.last.get("live_accuracy"),
            rows=row.count("sent"),
            seconds=row.count("seconds"),
        )
    )


def labels_given(row: Replay) -> int:
    """How many answers people gave, however often the replay was stopped since."""
    given = Annotation.objects.filter(bot=row.bot).exclude(verdict=Annotation.Verdict.SKIP)
    return given.count()
