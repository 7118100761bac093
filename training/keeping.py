"""Keeps what a run made: the file first, and then its row, exactly once."""

from django.db.models import Max

from jobs import requesting
from jobs.leasing import LeaseLost
from jobs.work import Task
from training import artifact_store, evaluating
from training.diary import Diary
from training.fitting import Fitted
from training.models import ModelVersion, TrainingRun
from training.starting import RESCORE


def keep(run: TrainingRun, fitted: Fitted, *, diary: Diary, task: Task) -> None:
    """Store a model version and end the job, and have it judged, and the queue drawn anew by it."""
    name = artifact_store.put(run.bot, fitted.content)
    try:
        with task.finishing():
            version = ModelVersion.objects.create(
                bot=run.bot,
                number=_last_number(run) + 1,
                run=run,
                encoder=fitted.encoder,
                artifact=name,
                sha256=fitted.sha256,
                size=len(fitted.content),
                libraries=fitted.libraries,
                figures=fitted.figures,
                probe=fitted.probe,
            )
            TrainingRun.objects.filter(pk=run.pk).update(
                candidates=fitted.candidates, seconds=diary.seconds
            )
            evaluating.request(version, by=None)
            requesting.ensure(RESCORE, key=f"{RESCORE}:{run.bot_id}", bot_id=run.bot_id)
    except LeaseLost:
        artifact_store.delete(name)
        raise
    # Whatever else went wrong: the row may be stored all the same. The sweep finds out.


def _last_number(run: TrainingRun) -> int:
    last = ModelVersion.objects.of(run.bot).aggregate(last=Max("number"))["last"]
    return int(last or 0)
