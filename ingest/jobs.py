"""What is done about events after they were acknowledged, and what keeps the room tidy."""

from django.utils import timezone

from accounts.models import Bot
from ingest import audit_share, comparing, embedding, erasing, retaining, signalling, silence
from ingest.configuring import FIND_SIGNALS_AGAIN
from ingest.models import Conversation, Text, Tombstone
from ingest.receiving import FIND_SIGNALS
from jobs import requesting
from jobs.draining import Progress, until_nothing_waits
from jobs.kinds import kind
from jobs.work import Stopped, Task

EMBED = "embed"
COMPARE = "compare_texts"

TURN = 10.0  # seconds that a job takes before others come first
LONG_TURN = 60.0  # where to begin anew takes a second


def bot_of(task: Task) -> Bot:
    """The bot that a job is about."""
    if task.bot_id is None:
        raise Stopped("This job names no bot. It was asked for by a version that is too old.")
    return Bot.objects.get(pk=task.bot_id)


@kind(FIND_SIGNALS, title="Find signals", limit=3600, routine=True)
def find_signals(task: Task) -> None:
    bot = bot_of(task)

    def work(progress: Progress) -> None:
        _ask_for_what_texts_need(bot)
        signalling.find_signals(bot, writing=task.fenced, on_progress=progress)

    waits = Conversation.objects.of(bot).due().exists
    until_nothing_waits(task, work, waits=waits, turn=TURN)


def _ask_for_what_texts_need(bot: Bot) -> None:
    for name, waiting in ((EMBED, Text.objects.unencoded), (COMPARE, Text.objects.uncompared)):
        if waiting().of(bot).exists():
            requesting.ensure(name, key=f"{name}:{bot.pk}", bot_id=bot.pk)


@kind(FIND_SIGNALS_AGAIN, title="Find signals again", limit=3600)
def find_signals_again(task: Task) -> None:
    bot = bot_of(task)
    signalling.find_again(bot, writing=task.fenced, on_progress=task.progress)
    requesting.ensure(FIND_SIGNALS, key=f"{FIND_SIGNALS}:{bot.pk}", bot_id=bot.pk)


@kind(EMBED, title="Make vectors", limit=24 * 3600, slow=True, routine=True)
def embed(task: Task) -> None:
    bot = bot_of(task)

    def work(progress: Progress) -> None:
        embedding.embed_waiting(bot, writing=task.fenced, on_progress=progress)

    waits = Text.objects.unencoded().of(bot).exists
    until_nothing_waits(task, work, waits=waits, turn=LONG_TURN)


@kind(COMPARE, title="Find near-duplicates", limit=24 * 3600, slow=True, routine=True)
def compare_texts(task: Task) -> None:
    bot = bot_of(task)

    def work(progress: Progress) -> None:
        comparing.compare_waiting(bot, writing=task.fenced, on_progress=progress)

    waits = Text.objects.uncompared().of(bot).exists
    until_nothing_waits(task, work, waits=waits, turn=LONG_TURN)


@kind(erasing.ERASE, title="Erase an end user", limit=3600)
def erase_end_user(task: Task) -> None:
    stone = Tombstone.objects.of(bot_of(task)).filter(pk__in=[task.object_id or 0]).get()
    erasing.erase(stone, on_progress=task.progress)


@kind("watch_silence", title="Close silent conversations", cron="*/5 * * * *", routine=True)
def watch_silence(task: Task) -> None:
    """Also wakes what was left over: a job that somebody cancelled, or that failed."""
    for bot in Bot.objects.by_name():
        silence.close_silent(bot, now=timezone.now())
        _ask_for_what_texts_need(bot)
        if Conversation.objects.of(bot).due().exists():
            requesting.ensure(FIND_SIGNALS, key=f"{FIND_SIGNALS}:{bot.pk}", bot_id=bot.pk)


@kind("retention", title="Delete what is too old", limit=6 * 3600, slow=True, cron="47 2 * * *")
def retention(task: Task) -> None:
    now = timezone.now()
    for bot in Bot.objects.by_name():
        audit_share.raise_share(bot, now=now)
        retaining.delete_old(bot, now=now, on_progress=task.progress)
    while retaining.forget_deliveries(now=now):
        task.progress(0, 0)


@kind(
    "erase_again",
    title="Keep the erased erased",
    limit=6 * 3600,
    slow=True,
    cron="*/30 * * * *",
    routine=True,
)
def erase_again(task: Task) -> None:
    """Whoever was erased and came back with a backup is erased again."""
    erasing.erase_again()
