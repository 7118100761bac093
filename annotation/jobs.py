"""What is done about the queue, and about intents that are changed, while nobody looks."""

import time

from accounts.models import Bot
from annotation import (
    assigning,
    comparing,
    disputing,
    drawing,
    grouping,
    holding,
    neighbours,
    queueing,
    returning,
)
from annotation.configuring import QUEUE_AGAIN
from annotation.following import QUEUE, ask_for_queueing
from annotation.grouping_anew import GROUP, ask_for_grouping
from annotation.models import ComparisonDue, IntentChange, QueueDue
from annotation.refactoring import finishing
from annotation.refactoring.beginning import CHANGE
from ingest.jobs import bot_of
from jobs import requesting
from jobs.draining import Progress, until_nothing_waits
from jobs.kinds import kind
from jobs.sweeping import each_sweep
from jobs.work import GoOnLater, Task

NEIGHBOURS = "find_neighbours"
COMPARE = "compare_answers"
TURN = 10.0  # seconds that a job takes before others come first


@kind(QUEUE, title="Queue turns", limit=3600, routine=True)
def queue_turns(task: Task) -> None:
    bot = bot_of(task)

    def work(progress: Progress) -> None:
        queueing.queue_due(bot, writing=task.fenced, on_progress=progress)
        drawing.fill_up(bot, writing=task.fenced)

    waits = QueueDue.objects.of(bot).exists
    until_nothing_waits(task, work, waits=waits, turn=TURN)


@kind(QUEUE_AGAIN, title="Queue turns again", limit=3600)
def queue_again(task: Task) -> None:
    bot = bot_of(task)
    with task.finishing():
        queueing.note_again(bot)


@kind(NEIGHBOURS, title="Find labelled texts alike", limit=1800, slow=True, routine=True)
def find_neighbours(task: Task) -> None:
    bot = bot_of(task)
    neighbours.find_neighbours(bot, writing=task.fenced, on_progress=task.progress)


@kind(COMPARE, title="Compare answers", limit=3600, routine=True)
def compare_answers(task: Task) -> None:
    bot = bot_of(task)

    def work(progress: Progress) -> None:
        comparing.compare_due(bot, writing=task.fenced, on_progress=progress)

    waits = ComparisonDue.objects.of(bot).exists
    until_nothing_waits(task, work, waits=waits, turn=TURN)


@kind(GROUP, title="Group turns alike", limit=1800, slow=True, routine=True)
def group_turns(task: Task) -> None:
    bot = bot_of(task)
    grouping.group_items(bot, writing=task.fenced, on_progress=task.progress)


@kind("watch_queue", title="Look after the queues", cron="* * * * *", routine=True)
def watch_queue(task: Task) -> None:
    """What people use up is filled up, what they label is looked up, what was left is woken."""
    for bot in Bot.objects.by_name():
        assigning.free_those_of_leavers(bot)
        returning.ask_leavers_no_more(bot)
        disputing.look_again(bot)
        drawing.fill_up(bot, writing=task.fenced)
        if QueueDue.objects.of(bot).exists():
            ask_for_queueing(bot)
        if ComparisonDue.objects.of(bot).exists():
            requesting.ensure(COMPARE, key=f"{COMPARE}:{bot.pk}", bot_id=bot.pk)
        if neighbours.are_stale(bot):
            requesting.ensure(NEIGHBOURS, key=f"{NEIGHBOURS}:{bot.pk}", bot_id=bot.pk)
        grouping.recount(bot)
        if grouping.is_due(bot):
            ask_for_grouping(bot)


@kind(CHANGE, title="Change intents", limit=3600, kept=True)
def change_intents(task: Task) -> None:
    """Moves labels for some seconds, then lets others come first, and goes on."""
    changes = IntentChange.objects.select_related("bot", "intent", "into")
    change = changes.get(pk=task.object_id or 0)
    over = time.monotonic() + TURN

    def progress(done: int, total: int, message: str = "") -> None:
        task.progress(done, total, message)
        if time.monotonic() > over and done < total:
            raise GoOnLater

    finishing.work_on(change, writing=task.fenced, finishing=task.finishing, on_progress=progress)


@each_sweep
def free_expired_holds() -> None:
    holding.expire()
