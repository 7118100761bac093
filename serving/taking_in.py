"""Makes turns of predictions: they get a conversation, signals, a vector and a place in the queue.

Whoever answers only writes that down (predicting.py); all the rest is done here, many at once, in
the way in which events are taken in.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Bot
from annotation.following import ask_for_queueing
from ingest import receiving, storing
from ingest.events import Kind
from ingest.models import IncomingEvent
from ingest.preparing import Keeper, Prepared, PreparedTurn
from ingest.senders import live_keeper, settings_of
from jobs import requesting
from ml.normalising import normalised
from serving import choosing
from serving.models import Prediction
from serving.predicting import OUT_OF_SCOPE

Writing = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], object]

TAKE_IN = "take_in_predictions"
AT_ONCE = 500


def silently(done: int, total: int, message: str) -> None:
    """Tell nobody how far the work is."""


def job_key(bot_id: int) -> str:
    return f"{TAKE_IN}:{bot_id}"


def ask_for_it(bot_id: int) -> None:
    """See to it that what was stored becomes turns soon."""
    with transaction.atomic():
        requesting.ensure(TAKE_IN, key=job_key(bot_id), bot_id=bot_id)


def bots_that_wait() -> list[int]:
    """The bots that have predictions which are no turns yet."""
    waiting = Prediction.objects.waiting().order_by("bot_id")
    return list(waiting.values_list("bot_id", flat=True).distinct())


def take_in(
    bot: Bot, *, writing: Writing = transaction.atomic, on_progress: Progress = silently
) -> int:
    """Make turns of all that waits; how many predictions that were."""
    keeper, done = _keeper_of(bot), 0
    while batch := _take_some(bot, keeper, writing):
        done += len(batch)
        choosing.queue_some(bot, batch, writing=writing)
        on_progress(done, done, f"{done:,} predictions taken in")
    return done


def _keeper_of(bot: Bot) -> Keeper:
    bot.refresh_from_db(fields=["sealed_salt"])
    intake = settings_of(bot)
    return live_keeper(
        bot.pk, bot.sealed_salt, intake.own_ids, intake.audit_percent, intake.audit_percent_now
    )


def _take_some(bot: Bot, keeper: Keeper, writing: Writing) -> list[Prediction]:
    with writing():
        waiting = Prediction.objects.of(bot).waiting().select_for_update(skip_locked=True)
        batch = list(waiting.select_related(None).order_by("made_at", "pk")[:AT_ONCE])
        if not batch:
            return []
        _store([_event(each) for each in batch], keeper)
        keys = [each.pk for each in batch]
        storing.complete(keys, bot_id=bot.pk)
        _let_go_of_the_erased(keys)
        Prediction.objects.filter(pk__in=keys).update(waiting=None)
        if any(each.version_id is None for each in batch):
            # Nobody was unsure of them, so nothing else tells the queue that they are there.
            ask_for_queueing(bot)
    return batch


def _store(events: Sequence[Prepared], keeper: Keeper) -> None:
    """Store them; one by one where an event_id stands for something else already.

    Whoever sent that by the other address has a turn of it: it is what was asked about.
    """
    try:
        with transaction.atomic():
            receiving.store(events, keeper=keeper)
    except receiving.IdConflict:
        known = set(
            IncomingEvent.objects.filter(pk__in=[event.id for event in events]).values_list(
                "pk", flat=True
            )
        )
        receiving.store([event for event in events if event.id not in known], keeper=keeper)


def _event(prediction: Prediction) -> Prepared:
    """What the turn of a prediction is made of, as if the bot had sent it as an event."""
    said = prediction.waiting or {}
    text: str = said["text"]
    return Prepared(
        id=prediction.pk,
        kind=Kind.TURN,
        conversation=prediction.conversation,
        conversation_name=prediction.conversation_name,
        at=prediction.at,
        digest=prediction.digest,
        mended=said["mended"],
        redacted=said["redacted"],
        channel=said["channel"],
        language=said["language"],
        user=UUID(said["user"]) if said["user"] else None,
        turn=PreparedTurn(
            text=text,
            response="",
            normalised=normalised(text),
            intent=OUT_OF_SCOPE if prediction.out_of_scope else prediction.intent,
            confidence=prediction.confidence,
            alternatives=prediction.best_first,
            entities=said.get("entities", []),
            dialog_state={},
            error="",
            latency_ms=None,
            model_version=said.get("model_version", ""),
        ),
    )


GONE = """
DELETE FROM serving_prediction prediction WHERE id = ANY(%s) AND NOT EXISTS (
    SELECT FROM ingest_incomingevent WHERE id = prediction.id
)
"""


def _let_go_of_the_erased(keys: Sequence[UUID]) -> None:
    """Whoever was erased meanwhile has no turn, and no prediction either."""
    with connection.cursor() as cursor:
        cursor.execute(GONE, [list(keys)])
