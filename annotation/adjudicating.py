"""Deciding what people differ about, or giving it back to them with a note.

Nobody has to hold a dispute to decide it: the page says what it showed (`seen`), and whoever was
faster is not overruled.
"""

from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Bot, User
from accounts.pipelining import instances, rows, run
from annotation import answering, disputing, holding, returning, undoing, wording
from annotation.answering import Answer
from annotation.models import Annotation, ReviewItem, SentBack
from annotation.undoing import NothingToUndo, TooLate

__all__ = [
    "HeldBySomebody",
    "MovedOn",
    "NobodyToAsk",
    "NothingToUndo",
    "Settled",
    "TooLate",
    "accept",
    "decide",
    "decide_naming",
    "seen",
    "send_back",
    "undo",
]


class Settled(Exception):
    """Somebody decided meanwhile, or it is gone. Nothing was stored."""


class HeldBySomebody(Exception):
    """Somebody else has it on their screen. Nothing was stored."""

    def __init__(self, holder: User) -> None:
        super().__init__()
        self.holder = holder


class MovedOn(Exception):
    """Somebody answered it or sent it back since it was shown. Nothing was stored."""


class NobodyToAsk(Exception):
    """Nobody else who answered it works on this bot any more. Nothing was stored."""


# Whatever somebody says or takes back changes one of them.
SEEN = """
SELECT concat_ws('.',
    (SELECT max(id) FROM annotation_annotation WHERE item_id = %(item)s AND undone_at IS NULL),
    (SELECT count(*) FROM annotation_annotation WHERE item_id = %(item)s),
    (SELECT max(id) FROM annotation_sentback WHERE item_id = %(item)s AND undone_at IS NULL))
"""


def seen(item_id: int) -> str:
    """Stands for all that people have said of an item so far."""
    ((found,),) = rows(SEEN, {"item": item_id})
    return str(found)


HOLD = """
UPDATE annotation_reviewitem SET lane = 'reviewer', holder_id = %s,
    held_until = statement_timestamp() + make_interval(secs => %s)
WHERE id = %s
"""


@transaction.atomic
def decide(item_id: int, user: User, answer: Answer, *, bot: Bot, shown: str) -> Annotation:
    """Store what a reviewer says of a dispute: it is settled, or waits for another if unsure.

    The same form delivered twice is one decision. Raise Settled, HeldBySomebody or MovedOn, or
    what `answering.answer` raises.
    """
    item = _locked(item_id, bot)
    if found := Annotation.objects.filter(submission=answer.submission).first():
        return _the_same(found, item_id, user)
    _refuse_what_moved_on(item, user, shown)
    if item.lane == ReviewItem.Lane.RETURNED:
        returning.give_up(item.pk)
    run(HOLD, [user.pk, holding.SECONDS, item.pk])
    return answering.answer(item_id, user, answer, bot=bot)


@transaction.atomic
def decide_naming(
    name: str, item_id: int, user: User, answer: Answer, *, bot: Bot, shown: str
) -> Annotation:
    """The same for an answer that names its intent, which is made if need be, and only with it."""
    named = wording.find_or_create_intent(bot, name, by=user)
    whole = replace(answer, intent_id=named.pk)
    return decide(item_id, user, whole, bot=bot, shown=shown)


def accept(said: Annotation, user: User, answer: Answer, *, bot: Bot, shown: str) -> Annotation:
    """Make somebody's answer the reviewer's own; `answer` has its note and what else is new."""
    spans = [
        answering.Span(span.type_id, span.start, span.end, span.text) for span in said.spans.all()
    ]
    whole = replace(
        answer,
        verdict=Annotation.Verdict(said.verdict),
        intent_id=said.intent_id,
        spans=spans,
        better_answer=said.better_answer,
        accepts_id=said.pk,
    )
    return decide(said.item_id, user, whole, bot=bot, shown=shown)


# Of those whose answers stand, who may answer still. Whoever sends it back can decide.
TO_ASK = """
SELECT DISTINCT annotator_id FROM annotation_annotation
JOIN accounts_user person ON person.id = annotator_id
WHERE item_id = %s AND undone_at IS NULL AND superseded_at IS NULL AND verdict <> 'skip'
    AND annotator_id <> %s AND is_active AND (is_superuser OR EXISTS (
        SELECT FROM accounts_membership WHERE user_id = person.id AND bot_id = %s
    ))
"""


@transaction.atomic
def send_back(
    item_id: int, user: User, *, bot: Bot, note: str, submission: UUID, shown: str
) -> SentBack:
    """Have those who answered it answer anew, with a note. It is the next that each of them gets.

    Raise as `decide` does, or NobodyToAsk.
    """
    item = _locked(item_id, bot)
    if found := SentBack.objects.filter(submission=submission).first():
        return found
    _refuse_what_moved_on(item, user, shown)
    people = [key for (key,) in rows(TO_ASK, [item.pk, user.pk, bot.pk])]
    if not people:
        raise NobodyToAsk
    returning.give_up(item.pk)
    sent = SentBack.objects.create(bot=bot, submission=submission, item=item, by=user, note=note)
    returning.ask(item, people, sent_back=sent.pk)
    disputing.follow(item.pk)
    return sent


LOCK = "SELECT * FROM annotation_reviewitem WHERE id = %s AND bot_id = %s FOR NO KEY UPDATE"


def _locked(item_id: int, bot: Bot) -> ReviewItem:
    item = next(iter(instances(ReviewItem, LOCK, [item_id, bot.pk])), None)
    if item is None:
        raise Settled
    return item


def _the_same(found: Annotation, item_id: int, user: User) -> Annotation:
    if (found.item_id, found.annotator_id) != (item_id, user.pk):
        raise answering.SubmissionUsed
    return found


def _refuse_what_moved_on(item: ReviewItem, user: User, shown: str) -> None:
    if item.status != ReviewItem.Status.OPEN or item.lane not in disputing.LANES:
        raise Settled
    if item.holder is not None and item.holder_id != user.pk:
        raise HeldBySomebody(item.holder)
    if seen(item.pk) != shown:
        raise MovedOn


# ── taking back ───────────────────────────────────────────────────────────────────────


def undo(user: User, *, bot: Bot) -> ReviewItem:
    """Take back the newest thing that `user` did: an answer, a decision, or sending back.

    Raise NothingToUndo or TooLate.
    """
    sent = SentBack.objects.of(bot).by_person(user).standing().newest_first().first()
    said = Annotation.objects.of(bot).by(user).standing().newest_first().first()
    if sent and (said is None or said.created_at < sent.created_at):
        return _ask_nobody(sent, bot)
    return undoing.undo(user, bot=bot)


@transaction.atomic
def _ask_nobody(sent: SentBack, bot: Bot) -> ReviewItem:
    """Take back that something was sent back, unless somebody began to answer."""
    try:
        item = _locked(sent.item_id, bot)
    except Settled as gone:
        raise TooLate from gone
    untouched = not sent.asked.filter(ended_at__isnull=False).exists()
    if item.lane != ReviewItem.Lane.RETURNED or item.holder_id or not untouched:
        raise TooLate
    if not SentBack.objects.standing().filter(pk=sent.pk).update(undone_at=Now()):
        raise TooLate
    returning.give_up(item.pk)
    disputing.follow(item.pk)
    return ReviewItem.objects.get(pk=item.pk)
