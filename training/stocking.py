"""Says to the queue that picks are made here, and sees to it that there are enough of them."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Bot
from annotation.configuring import settings_of
from annotation.picking import chooses
from ingest.models import TextVector
from jobs import requesting
from jobs.models import Job
from training.deploying import leading_version
from training.models import QueueDraw
from training.starting import RESCORE

# With fewer texts it makes no difference which are asked first.
FEWEST_TEXTS = 50
# As long as a draw failed, texts are drawn at random again.
AFTER_A_FAILURE = timedelta(minutes=10)


@chooses
def pick_for(bot: Bot, in_stock: int) -> bool:
    """Whether picks are made for `bot`; where they run out, more are asked for."""
    version = leading_version(bot)
    if version is None and not _has_texts(bot) or _failed_lately(bot):
        return False
    drawn = QueueDraw.objects.filter(bot=bot).first()
    if drawn is None or drawn.model_version != version or _runs_out(bot, drawn, in_stock):
        ask_for_picks(bot)
    return True


def ask_for_picks(bot: Bot) -> None:
    with transaction.atomic():
        requesting.ensure(RESCORE, key=f"{RESCORE}:{bot.pk}", bot_id=bot.pk)


def _has_texts(bot: Bot) -> bool:
    return TextVector.objects.filter(bot=bot)[:FEWEST_TEXTS].count() == FEWEST_TEXTS


def _failed_lately(bot: Bot) -> bool:
    failed = Job.objects.of(bot).filter(state=Job.State.FAILED, kind=RESCORE)
    return failed.filter(ended_at__gt=timezone.now() - AFTER_A_FAILURE).exists()


def _runs_out(bot: Bot, drawn: QueueDraw, in_stock: int) -> bool:
    """Whether less than half is left, and there is more to pick from."""
    wanted = settings_of(bot).random_stock
    if 2 * in_stock >= wanted:
        return False
    if drawn.pool > drawn.picked:
        return True
    return TextVector.objects.filter(bot=bot, pk__gt=drawn.newest_vector).exists()
