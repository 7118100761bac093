"""What is done about training while nobody looks."""

from datetime import timedelta
from typing import NoReturn

from django.db import transaction
from django.utils import timezone

from accounts.models import Bot, User
from ingest import embedding
from ingest.jobs import EMBED, bot_of
from jobs import requesting
from jobs.kinds import kind
from jobs.models import Job
from jobs.work import GoOnLater, Stopped, Task
from training import artifact_store, deploying, evaluating, freezing, git_store, rewriting, triggers
from training.configuring import ENCODE_ANEW, ON_SCHEDULE
from training.diary import Diary
from training.evaluating import EVALUATE
from training.models import DatasetVersion, ModelVersion, TrainingRun, TrainingSettings
from training.starting import RESCORE, TRAIN

FREEZE = "freeze_dataset"
LOOK_AGAIN = timedelta(seconds=10)  # for vectors that are still being made, labels that move


def request_freezing(bot: Bot, *, by: User | None) -> Job:
    """Ask for a version of what is labelled by then. One that was asked for already will do."""
    return requesting.request(FREEZE, bot=bot, by=by, key=f"{FREEZE}:{bot.pk}")


@kind(FREEZE, title="Freeze a dataset version", limit=3600, slow=True)
def freeze_dataset(task: Task) -> None:
    bot, by = bot_of(task), User.objects.filter(pk=task.created_by_id).first()
    try:
        version = freezing.freeze(bot, by=by, on_progress=task.progress, writing=task.fenced)
    except (freezing.TooLittle, git_store.TagTaken) as reason:
        raise Stopped(str(reason)) from reason
    except freezing.IntentsChange as reason:
        _wait_for_intents(reason)
    task.progress(version.label_count, version.label_count, f"Frozen as version {version.number}")


def _wait_for_intents(reason: freezing.IntentsChange) -> NoReturn:
    if reason.will_end:
        raise GoOnLater(after=LOOK_AGAIN) from reason
    raise Stopped(str(reason)) from reason


@kind(
    "clean_datasets",
    title="Take the erased out of Git",
    limit=12 * 3600,
    slow=True,
    cron="37 4 * * *",
)
def clean_datasets(task: Task) -> None:
    """At night, after `retention`: each time costs as much as all versions from the first."""
    bots = DatasetVersion.objects.ahead_of_git().values("bot")
    for bot in Bot.objects.filter(pk__in=bots).order_by("pk"):
        rewriting.rewrite(bot, on_progress=task.progress, writing=task.fenced)


# ── model versions ────────────────────────────────────────────────────────────────────

NO_VECTORS_TO_JUDGE = (
    "There are no vectors of {encoder} for all turns of the audit, and this install cannot make "
    "them. Look at the job that makes vectors under Jobs, then judge again."
)
WAIT_FOR_VECTORS = timedelta(hours=6)

NO_VECTORS = (
    "{missing:,} of {total:,} texts have had no vector for hours, so nothing can be learned from "
    "them. Look at the job that makes vectors under Jobs, then try again."
)


# What learns is imported where it is needed: it takes a second, and the web has no use for it.


@kind(TRAIN, title="Train a model version", limit=3600, slow=True, kept=True)
def train(task: Task) -> None:
    """Each try begins anew, with the dataset and the encoder that the first one found."""
    from training import collecting, fitting, keeping

    run = TrainingRun.objects.with_what_is_shown().get(job=task.id)
    diary = Diary(run, task)
    try:
        with diary.step("freeze"):
            dataset = run.dataset or _frozen(run, task, diary)
        with diary.step("read"):
            material = collecting.collect(run, dataset)
        _say_what_from(run, material.encoder, diary)
        fitted = fitting.fit(run, dataset, material, diary)
    except collecting.VectorsMissing as reason:
        _wait_for_vectors(run, reason.missing, reason.total, diary)
    except freezing.IntentsChange as reason:
        _wait_for_intents(reason)
    except (
        *(freezing.TooLittle, git_store.TagTaken),
        *(collecting.TooLittle, fitting.TooLarge),
    ) as reason:
        raise Stopped(str(reason)) from reason
    else:
        keeping.keep(run, fitted, diary=diary, task=task)


def _frozen(run: TrainingRun, task: Task, diary: Diary) -> DatasetVersion:
    """Freeze what is labelled now, and learn from that in each further try."""
    dataset = freezing.freeze(
        run.bot, by=run.created_by, on_progress=diary.progress, writing=task.fenced
    )
    with task.fenced():
        TrainingRun.objects.filter(pk=run.pk, dataset=None).update(dataset=dataset)
    diary.write(
        f"Learns from dataset version {dataset.number}: {dataset.train_count:,} rows to train on, "
        f"{dataset.audit_count:,} of the audit"
    )
    return dataset


def _say_what_from(run: TrainingRun, encoder: str, diary: Diary) -> None:
    TrainingRun.objects.filter(pk=run.pk, encoder="").update(encoder=encoder)
    wanted = embedding.encoder_of(run.bot).version
    if encoder != wanted:
        diary.warn(f"Not all texts have vectors of {wanted} yet: it learns from those of {encoder}")


def _wait_for_vectors(run: TrainingRun, missing: int, total: int, diary: Diary) -> None:
    if timezone.now() - run.created_at > WAIT_FOR_VECTORS:
        raise Stopped(NO_VECTORS.format(missing=missing, total=total))
    with transaction.atomic():
        requesting.ensure(EMBED, key=f"{EMBED}:{run.bot_id}", bot_id=run.bot_id)
    diary.wait(total - missing, total, "Waiting for the vectors of all texts")
    raise GoOnLater(after=LOOK_AGAIN)


@kind(ON_SCHEDULE, title="Look whether to train", routine=True)
def train_on_schedule(task: Task) -> None:
    triggers.on_schedule(bot_of(task))


@kind("watch_training", title="Look after training", cron="* * * * *", routine=True)
def watch_training(task: Task) -> None:
    """Starts runs where enough is new."""
    wanted = TrainingSettings.objects.exclude(after_labels=None).select_related("bot")
    for settings in wanted.order_by("pk"):
        triggers.on_new_labels(settings)


@kind(ENCODE_ANEW, title="Ask for vectors of another encoder", limit=3600, slow=True)
def encode_anew(task: Task) -> None:
    """Vectors of the encoder before stay, and serve until the new ones are all there."""
    bot = bot_of(task)
    embedding.encode_anew(bot)
    with task.finishing():
        requesting.ensure(EMBED, key=f"{EMBED}:{bot.pk}", bot_id=bot.pk)


@kind("sweep_artifacts", title="Delete artifacts that nothing names", cron="23 5 * * *")
def sweep_artifacts(task: Task) -> None:
    """Such as those of runs that were killed between the file and its row."""
    swept = artifact_store.sweep()
    task.progress(swept, swept, f"{swept} files deleted")


CHECK = "check_artifact"


def request_check(version: ModelVersion, *, by: User) -> Job:
    """Ask for its artifact to be read. One that was asked for already will do."""
    key = f"{CHECK}:{version.pk}"
    return requesting.request(CHECK, object_id=version.pk, bot=version.bot, by=by, key=key)


@kind(CHECK, title="Check an artifact", slow=True)
def check_artifact(task: Task) -> None:
    """Read it as whoever answers with it does, and ask it what it was asked when it was made."""
    from training import checking

    version = ModelVersion.objects.select_related("run", "bot").get(pk=task.object_id or 0)
    try:
        said = checking.check(version)
    except checking.Differs as reason:
        raise Stopped(str(reason)) from reason
    task.progress(1, 1, said)


@kind(RESCORE, title="Draw the queue anew", limit=1800, slow=True, routine=True)
def rescore(task: Task) -> None:
    """Asked for after each training, and when what was picked is used up."""
    from ml.artifacts import ArtifactRefused
    from training import rescoring

    bot = bot_of(task)
    try:
        drawn = rescoring.redraw(bot, on_progress=task.progress, writing=task.fenced)
    except ArtifactRefused as reason:
        raise Stopped(str(reason)) from reason
    task.progress(drawn.picked, drawn.picked, f"{drawn.picked:,} texts picked")
    with task.finishing():
        if deploying.leading_version(bot) != drawn.model_version:
            raise GoOnLater  # a run ended meanwhile, and its version picks better


# ── reports ───────────────────────────────────────────────────────────────────────────


@kind(EVALUATE, title="Judge a model version", limit=1800, slow=True)
def evaluate(task: Task) -> None:
    """Asked for after each training, and by people when the audit has grown."""
    from ml.artifacts import ArtifactRefused
    from training import collecting, judging, recording

    version = ModelVersion.objects.with_what_made_it().get(pk=task.object_id or 0)
    by = User.objects.filter(pk=task.created_by_id).first()
    try:
        dataset = evaluating.test_set_of(
            version, by=by, on_progress=task.progress, writing=task.fenced
        )
        champion = deploying.champion_besides(version)
        judged = judging.judge(
            version, champion=champion, dataset=dataset, on_progress=task.progress
        )
    except collecting.VectorsMissing as reason:
        _wait_to_judge(version, reason)
    except (ArtifactRefused, freezing.TooLittle, git_store.TagTaken) as reason:
        raise Stopped(str(reason)) from reason
    with task.finishing():
        recording.store(judged, by=by)


def _wait_to_judge(version: ModelVersion, reason: Exception) -> NoReturn:
    if timezone.now() - version.created_at > WAIT_FOR_VECTORS and not _is_embedding(version.bot):
        raise Stopped(NO_VECTORS_TO_JUDGE.format(encoder=version.encoder)) from reason
    with transaction.atomic():
        requesting.ensure(EMBED, key=f"{EMBED}:{version.bot_id}", bot_id=version.bot_id)
    raise GoOnLater(after=LOOK_AGAIN) from reason


def _is_embedding(bot: Bot) -> bool:
    return Job.objects.live().filter(kind=EMBED, key=f"{EMBED}:{bot.pk}").exists()
