"""What is done about training while nobody looks."""

from accounts.models import Bot, User
from ingest.jobs import bot_of
from jobs import requesting
from jobs.kinds import kind
from jobs.models import Job
from jobs.work import Stopped, Task
from training import freezing, git_store, rewriting
from training.models import DatasetVersion

FREEZE = "freeze_dataset"


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
    task.progress(version.label_count, version.label_count, f"Frozen as version {version.number}")


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
