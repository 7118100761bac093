"""What the pages about training read."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Bot
from annotation.models import GoldLabel
from ingest.embedding import encoder_of
from ingest.jobs import EMBED
from jobs.models import Job
from training.configuring import settings_of
from training.models import ModelVersion, QueueDraw, RunLine, TrainingRun, TrainingSettings

PAGE = 25
MOST_LINES = 200
CHECK = "check_artifact"


@dataclass(frozen=True)
class Page:
    runs: list[TrainingRun]
    older_before: int | None  # the number to ask for the next page with; None on the last
    is_first: bool

    @property
    def is_live(self) -> bool:
        return any(run.job.is_live for run in self.runs)


def page(bot: Bot, *, before: int | None) -> Page:
    """The newest runs, or those older than run `before`."""
    runs = TrainingRun.objects.of(bot).with_what_is_shown()
    if before:
        runs = runs.filter(number__lt=before)
    found = list(runs.newest_first()[: PAGE + 1])
    shown = found[:PAGE]
    older = shown[-1].number if len(found) > PAGE else None
    return Page(shown, older_before=older, is_first=before is None)


def lines_of(run: TrainingRun) -> list[RunLine]:
    """The last lines of its log, oldest first."""
    return list(run.lines.order_by("-pk")[:MOST_LINES])[::-1]


@dataclass(frozen=True)
class State:
    """What training has to do with: vectors, the queue, what starts it."""

    settings: TrainingSettings
    encoder: str  # version
    embedding: Job | None  # that gives texts vectors right now
    drawn: QueueDraw | None
    has_labels: bool


def state_of(bot: Bot) -> State:
    drawn = QueueDraw.objects.filter(bot=bot).select_related("model_version").first()
    return State(
        settings_of(bot),
        encoder_of(bot).version,
        Job.objects.live().filter(kind=EMBED, key=f"{EMBED}:{bot.pk}").first(),
        drawn,
        GoldLabel.objects.of(bot).current().exists(),
    )


def checks_of(version: ModelVersion) -> Job | None:
    """The newest job that looked at its artifact."""
    checks = Job.objects.of(version.bot).filter(kind=CHECK, object_id=version.pk)
    return checks.newest_first().first()


def figures_of(version: ModelVersion) -> list[dict[str, Any]]:
    """Each figure with what it is on held-out rows and on the audit; None where not measured."""
    held_out, audit, outside = version.held_out, version.audit, version.figures["out_of_scope"]
    columns = [
        {"name": name, "held_out": held_out.get(key), "audit": audit.get(key), "note": note}
        for key, name, note in FIGURES
    ]
    told = {"held_out": outside.get("auroc"), "audit": audit.get("auroc")}
    return [*columns, {"name": "Out-of-scope AUROC", "note": OUTSIDE, **told}]


FIGURES = (
    ("accuracy", "Accuracy", "Of so many turns the likeliest intent was right."),
    ("macro_f1", "Macro-F1", "The mean over intents, rare ones counting as much as frequent ones."),
    (
        "calibration_error",
        "Calibration error",
        "How far its certainty is from how often it is right; 0 is honest.",
    ),
    (
        "coverage",
        "Coverage at 95 % precision",
        "The share of turns that it could answer alone with 95 of 100 right.",
    ),
)
OUTSIDE = "How well it tells what has no intent from what has one; 0.5 is chance."
