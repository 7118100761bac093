"""What is done about predictions after they were answered."""

from ingest.jobs import bot_of
from jobs.draining import Progress, until_nothing_waits
from jobs.kinds import kind
from jobs.sweeping import each_sweep
from jobs.work import Task
from serving import taking_in
from serving.models import Prediction

TURN = 10.0  # seconds that a job takes before others come first


@kind(taking_in.TAKE_IN, title="Take in predictions", limit=3600, routine=True)
def take_in_predictions(task: Task) -> None:
    bot = bot_of(task)

    def work(progress: Progress) -> None:
        taking_in.take_in(bot, writing=task.fenced, on_progress=progress)

    until_nothing_waits(task, work, waits=Prediction.objects.of(bot).waiting().exists, turn=TURN)


@each_sweep
def wake_what_waits() -> None:
    """Whoever answered was killed before they could say that there is something to take in."""
    for bot_id in taking_in.bots_that_wait():
        taking_in.ask_for_it(bot_id)
