"""Rows for tests, made as the product makes them where it has a verb for it."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

from django.utils import timezone

from accounts import keys, webhook_secrets
from accounts.models import Bot, Membership, User
from accounts.roles import Role
from annotation import wording
from annotation.models import (
    Annotation,
    GoldLabel,
    ItemTurn,
    ReviewItem,
    ReviewSettings,
)
from ingest import identities
from ingest.models import Conversation, Feedback, IncomingEvent, Signal, Text, Turn
from ingest.searching import write_entries
from jobs.models import Job
from ml.normalising import normalised
from training.models import DatasetIntent, DatasetVersion, ModelVersion, TrainingRun

PASSWORD = "a calm sea at seven"

_numbers = count(1)


def make_user(username=None, *, password=PASSWORD, **fields):
    return User.objects.create_user(
        username or f"user{next(_numbers)}", password=password, **fields
    )


def make_operator(username="olga", **fields):
    return make_user(username, is_superuser=True, is_staff=True, **fields)


def make_bot(name="Bank bot", slug=None):
    return Bot.objects.create(name=name, slug=slug or f"bot-{next(_numbers)}")


def make_member(bot, role=Role.ANNOTATOR, *, username=None, **fields):
    """A person who works on `bot` as `role`."""
    user = make_user(username, **fields)
    Membership.objects.create(bot=bot, user=user, role=role)
    return user


def make_key(bot, *, by, name="web", scopes=("read",), lasts=None):
    """An IssuedKey: its `.key` is the row, its `.token` what a bot sends."""
    return keys.issue(bot, name=name, scopes=list(scopes), by=by, lasts=lasts)


def make_secret(bot, *, by):
    """An IssuedSecret: its `.secret` is the row, its `.text` what a bot signs with."""
    return webhook_secrets.issue(bot, by=by)


A_DAY_IN_MAY = datetime(2026, 5, 9, 14, 2, tzinfo=UTC)


def make_conversation(bot, *, turns=(), searchable=True, **fields):
    """A Conversation. `turns` are texts of the user, or dicts of what make_turn takes.

    Its words are found at once, as after the job that finds them.
    """
    start = fields.pop("started_at", A_DAY_IN_MAY)
    turns = [{"text": turn} if isinstance(turn, str) else turn for turn in turns]
    defaults = {
        "name": f"c-{next(_numbers)}",
        "last_at": start + timedelta(minutes=len(turns)),
        "turn_count": len(turns),
        "side": Conversation.Side.TRAIN,
        "audit_share": 0.02,
    }
    conversation = Conversation.objects.create(
        id=uuid4(), bot=bot, started_at=start, **(defaults | fields)
    )
    for number, turn in enumerate(turns):
        make_turn(conversation, **({"at": start + timedelta(minutes=number)} | turn))
    if searchable:
        write_entries([conversation.pk])
    return conversation


def make_event(conversation, kind="turn", *, at=None, **fields):
    return IncomingEvent.objects.create(
        id=uuid4(),
        bot=conversation.bot,
        conversation=conversation,
        kind=kind,
        at=at or conversation.started_at,
        digest=uuid4(),
        **fields,
    )


def make_turn(
    conversation, text="Where is my card?", *, at=None, signals=(), redacted=None, **fields
):
    """A Turn with its event. `signals` are kinds."""
    at = at or conversation.started_at
    event = make_event(
        conversation, at=at, redacted=redacted or {}, mended=fields.pop("mended", False)
    )
    response = fields.pop("response", "It is on its way.")
    turn = Turn.objects.create(
        event=event,
        bot=conversation.bot,
        conversation=conversation,
        at=at,
        text=text,
        response=response,
        **fields,
    )
    for kind in signals:
        make_signal(turn, kind)
    return turn


def make_signal(turn, kind="thumbs_down", *, weight=0.8, sentence="The user was not content."):
    return Signal.objects.create(
        bot=turn.bot,
        conversation=turn.conversation,
        turn=turn,
        kind=kind,
        weight=weight,
        at=turn.at,
        sentence=sentence,
    )


def make_feedback(conversation, *, at=None, about=None, **fields):
    """Feedback; `about` is a Turn."""
    at = at or conversation.last_at
    return Feedback.objects.create(
        event=make_event(conversation, "feedback", at=at),
        bot=conversation.bot,
        conversation=conversation,
        about=about.pk if about else None,
        at=at,
        **fields,
    )


def make_text(bot, text, **fields):
    """The Text of what was said, or the one that is there."""
    said = normalised(text)
    key = identities.text_id(said, salt=b"%d" % bot.pk)
    return Text.objects.get_or_create(id=key, defaults={"bot": bot, "text": said, **fields})[0]


def make_review_settings(bot, **fields):
    return ReviewSettings.objects.create(bot=bot, **fields)


def make_item(
    bot, text="Where is my card?", *, side="train", alike=(), conversation=None, **fields
):
    """A ReviewItem with its turn. `alike` are what others said that it stands for too."""
    at = fields.setdefault("at", A_DAY_IN_MAY)
    said = make_text(bot, text)
    talk = conversation or make_conversation(bot, started_at=at, side=side, turns=[])
    turn = make_turn(talk, text, at=at, distinct_text=said)
    defaults = {
        "lane": ReviewItem.Lane.AUDIT if side == "audit" else ReviewItem.Lane.SELECTION,
        "policy": "audit" if side == "audit" else "signals",
        "priority": 1.0,
        "text_group": said.pk,
        "alike_count": len(alike),
    }
    item = ReviewItem.objects.create(
        bot=bot,
        turn=turn,
        conversation=talk,
        text=said,
        **(defaults | fields),
    )
    for each in alike:
        make_alike(item, each)
    return item


def make_alike(item, text):
    """Another turn that the item stands for; `alike_count` is the caller's."""
    said = make_text(item.bot, text)
    turn = make_turn(make_conversation(item.bot, turns=[]), text, distinct_text=said)
    ItemTurn.objects.create(turn=turn, item=item, exact=said == item.text)
    return turn


def make_annotation(item, by, *, verdict="oos", **fields):
    defaults = {"guess_shown": True, "submission": uuid4(), "lane": item.lane}
    return Annotation.objects.create(
        bot=item.bot, item=item, annotator=by, verdict=verdict, **(defaults | fields)
    )


def make_gold(turn, by, *, intent=None, **fields):
    """A current GoldLabel of `turn`, with the closed item and the answer that it comes from."""
    item = getattr(turn, "review_item", None) or ReviewItem.objects.create(
        bot=turn.bot,
        turn=turn,
        conversation=turn.conversation,
        text=turn.distinct_text,
        at=turn.at,
        lane=ReviewItem.Lane.SELECTION,
        status=ReviewItem.Status.DONE,
        ended_at=turn.at,
        priority=1.0,
        policy="signals",
    )
    verdict = "intent" if intent else "oos"
    said = make_annotation(item, by, verdict=verdict, intent=intent)
    defaults = {"policy": "signals", "side": "train", "guess_shown": True}
    return GoldLabel.objects.create(
        bot=turn.bot,
        turn=turn,
        text=turn.distinct_text,
        annotation=said,
        verdict=verdict,
        intent=intent,
        **(defaults | fields),
    )


def make_intent(bot, name=None, *, by=None, **fields):
    """An Intent. `good` are texts, `bad` texts with reasons."""
    return wording.create_intent(bot, name=name or f"intent_{next(_numbers)}", by=by, **fields)


def make_entity_type(bot, name=None, *, by=None, **fields):
    return wording.create_entity_type(bot, name=name or f"type_{next(_numbers)}", by=by, **fields)


def make_review_item(turn, guess="", **fields):
    """An open ReviewItem of a turn."""
    defaults = {"lane": "selection", "priority": 1.0, "policy": "signals"}
    return ReviewItem.objects.create(
        bot=turn.bot,
        turn=turn,
        conversation=turn.conversation,
        at=turn.at,
        guess=guess,
        **(defaults | fields),
    )


def make_gold_label(item, intent, *, by, **fields):
    """A current GoldLabel with the answer that it was made from."""
    annotation = Annotation.objects.create(
        bot=item.bot,
        submission=uuid4(),
        item=item,
        annotator=by,
        verdict="intent",
        intent=intent,
        guess_shown=True,
    )
    return GoldLabel.objects.create(
        bot=item.bot,
        turn=item.turn,
        annotation=annotation,
        verdict="intent",
        intent=intent,
        side="train",
        policy=item.policy,
        guess_shown=True,
        **fields,
    )


def make_dataset(bot, **fields):
    """A sealed DatasetVersion with an intent that has no rows, and no commit behind it."""
    number = DatasetVersion.objects.of(bot).count() + 1
    sealed = {"commit": "c" * 40, "tree": "d" * 40, "content_hash": "e" * 64}
    now = timezone.now()
    defaults = {"number": number, "tag": f"{bot.slug}/v{number}", "frozen_at": now} | sealed
    version = DatasetVersion.objects.create(
        bot=bot,
        sealed_at=now,
        manifest={"intents": [], "rows": {"train": 0, "audit": 0}},
        **(defaults | fields),
    )
    DatasetIntent.objects.create(
        version=version, place=0, verdict="oos", first_row=0, last_row=0, expected=3.5
    )
    return version


def make_run(bot, *, job=None, **fields):
    """A TrainingRun that waits; `job` are fields of its Job."""
    number = TrainingRun.objects.of(bot).count() + 1
    made = Job.objects.create(kind="train", bot=bot, time_limit=3600, **(job or {}))
    defaults = {"number": number, "trigger": "hand", "seed": 7, "budget": 120}
    return TrainingRun.objects.create(bot=bot, job=made, **(defaults | fields))


FIGURES = {
    "held_out": {"rows": 1200, "accuracy": 0.873, "macro_f1": 0.861, "calibration_error": 0.018,
                 "coverage": 0.712},
    "out_of_scope": {"rows": 40, "auroc": 0.961, "found": 0.8},
    "audit": {},
    "intents": [["card_lost", 700, 0], ["a_rather_long_intent_name.with_parts", 500, 0]],
    "rows": {"train": 1200, "out_of_scope": 40, "audit": 0},
    "entities": ["city"],
    "candidate": "both",
}  # fmt: skip


def make_model_version(bot, *, figures=None, **fields):
    """A ModelVersion with its run, and no file behind it."""
    number = ModelVersion.objects.of(bot).count() + 1
    run = fields.pop("run", None) or make_run(
        bot,
        dataset=make_dataset(bot),
        encoder="use-1",
        job={"state": "done", "ended_at": timezone.now(), "started_at": timezone.now()},
    )
    defaults = {
        "number": number, "run": run, "encoder": "use-1", "artifact": f"{bot.pk}/{number}.skops",
        "sha256": "a" * 64, "size": 1_234_567, "libraries": {"numpy": "2.0"}, "probe": "b" * 64,
        "figures": FIGURES | (figures or {}),
    }  # fmt: skip
    return ModelVersion.objects.create(bot=bot, **(defaults | fields))
