"""Answers: what they do to their item, and when they become gold labels.

An item is locked before anything else of it is touched, so whoever answers, undoes, queues or
erases meets one thing at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import Bot, User
from accounts.pipelining import instances, rows, run
from annotation import correcting, disputing, labelling, parting, returning
from annotation.holding import HoldLost
from annotation.models import Annotation, EntitySpan, EntityType, ReviewItem
from annotation.progress import Progress, progress, recent, waiting
from annotation.undoing import GivenTogether, NothingToUndo, TooLate, undo

__all__ = [
    "Answer",
    "GivenTogether",
    "HoldLost",
    "IntentGone",
    "NothingToUndo",
    "Progress",
    "Span",
    "SpanMoved",
    "SubmissionUsed",
    "TooLate",
    "TypeGone",
    "answer",
    "progress",
    "recent",
    "undo",
    "waiting",
]

Verdict = Annotation.Verdict
Lane = ReviewItem.Lane

# Marks that were on the page then are not theirs.
SAYS_NOTHING = frozenset({Verdict.SKIP, Verdict.UNUSABLE})


class IntentGone(Exception):
    """The intent is none of this bot's, or it is not in use any more. Nothing was stored."""


class TypeGone(Exception):
    """An entity type is none of this bot's, or it is not in use any more. Nothing was stored."""


class SubmissionUsed(Exception):
    """The form was sent before, by somebody else or for another item. Nothing was stored."""


class SpanMoved(Exception):
    """What was marked is not what stands there in the text. Nothing was stored."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place  # among the spans


@dataclass(frozen=True, slots=True)
class Span:
    """A marked part of the text, in code points; `end` is excluded."""

    type_id: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said of an item. `submission` is the form's own, so that it counts once."""

    submission: UUID
    verdict: Annotation.Verdict
    intent_id: int | None = None
    spans: Sequence[Span] = ()
    better_answer: str = ""
    note: str = ""
    for_alike: bool = False
    seconds: float | None = None
    accepts_id: int | None = None  # the answer that a reviewer makes their own
    together: int | None = None  # the GroupAnswer that it is a part of
    guess_shown: bool | None = None  # if other than the item itself has it


LOCK = "SELECT * FROM annotation_reviewitem WHERE id = %s AND bot_id = %s FOR NO KEY UPDATE"


@transaction.atomic
def answer(item_id: int, user: User, answer: Answer, *, bot: Bot) -> Annotation:
    """Store an answer, and do to its item what follows from it.

    Raise HoldLost if the item is not theirs any more. The same form delivered twice is one
    answer: the second time the first one is returned, whatever has become of the item.
    """
    item = next(iter(instances(ReviewItem, LOCK, [item_id, bot.pk])), None)
    if item is None or item.holder_id != user.pk:
        return _sent_before(item_id, user, answer.submission)
    check(answer, item, bot=bot)
    _take_the_place_of_older(item, user, answer)
    stored = put(item, user, answer, bot=bot)
    return stored or _sent_before(item_id, user, answer.submission)


def put(item: ReviewItem, user: User, answer: Answer, *, bot: Bot) -> Annotation | None:
    """Store the answer to an item that the caller has locked; None if its form was sent before."""
    stored = _store(item, user, answer)
    if stored is not None:
        _settle(item, stored, bot=bot)
    return stored


def _sent_before(item_id: int, user: User, submission: UUID) -> Annotation:
    found = Annotation.objects.filter(submission=submission).first()
    if found is None:
        raise HoldLost
    if (found.item_id, found.annotator_id) != (item_id, user.pk):
        raise SubmissionUsed
    return found


# ── checking ──────────────────────────────────────────────────────────────────────────

# Whoever archives or merges an intent waits for answers that have it, and then moves them too.
IN_USE = """
SELECT 1 FROM annotation_intent WHERE id = %s AND bot_id = %s AND archived_at IS NULL FOR SHARE
"""


def keep_intent(intent_id: int, *, bot: Bot) -> None:
    """Have an intent stay in use until the transaction ends. Raise IntentGone if it is not."""
    if not rows(IN_USE, [intent_id, bot.pk]):
        raise IntentGone


def check(answer: Answer, item: ReviewItem, *, bot: Bot) -> None:
    """Raise IntentGone, SpanMoved or TypeGone for what cannot be stored."""
    if (answer.intent_id is not None) != (answer.verdict == Verdict.INTENT):
        raise ValueError("An answer names an intent if that is its verdict, and only then.")
    if answer.intent_id is not None:
        keep_intent(answer.intent_id, bot=bot)
    text = item.turn.text if answer.spans else ""
    for place, span in enumerate(answer.spans):
        if not 0 <= span.start < span.end <= len(text) or text[span.start : span.end] != span.text:
            raise SpanMoved(place)
    wanted = {span.type_id for span in answer.spans}
    if wanted and EntityType.objects.of(bot).in_use().filter(pk__in=wanted).count() < len(wanted):
        raise TypeGone


# Those who are asked to answer anew, and reviewers of what they had answered themselves.
SUPERSEDE = """
UPDATE annotation_annotation SET superseded_at = statement_timestamp()
WHERE item_id = %(item)s AND annotator_id = %(by)s AND undone_at IS NULL
    AND superseded_at IS NULL AND verdict <> 'skip'
    AND NOT EXISTS (SELECT FROM annotation_annotation WHERE submission = %(form)s)
"""


def _take_the_place_of_older(item: ReviewItem, user: User, answer: Answer) -> None:
    if item.lane in disputing.LANES and answer.verdict != Verdict.SKIP:
        run(SUPERSEDE, {"item": item.pk, "by": user.pk, "form": answer.submission})


# ── storing ───────────────────────────────────────────────────────────────────────────

STORE = """
INSERT INTO annotation_annotation
    (bot_id, submission, item_id, annotator_id, lane, verdict, intent_id, better_answer, note,
     for_alike, guess_shown, seconds, accepts_id, together_id, created_at)
VALUES (%(bot)s, %(submission)s, %(item)s, %(annotator)s, %(lane)s, %(verdict)s, %(intent)s,
     %(better_answer)s, %(note)s, %(for_alike)s, %(guess_shown)s, %(seconds)s, %(accepts)s,
     %(together)s, statement_timestamp())
ON CONFLICT (submission) DO NOTHING
RETURNING *
"""


def _store(item: ReviewItem, user: User, answer: Answer) -> Annotation | None:
    """Store the answer with its spans; None if its form was sent before."""
    shown = answer.guess_shown
    row = {
        "bot": item.bot_id,
        "submission": answer.submission,
        "item": item.pk,
        "annotator": user.pk,
        "lane": item.lane,
        "verdict": str(answer.verdict),
        "intent": answer.intent_id,
        "better_answer": answer.better_answer,
        "note": answer.note,
        "for_alike": answer.for_alike,
        "guess_shown": not item.guess_hidden if shown is None else shown,
        "seconds": answer.seconds,
        "accepts": answer.accepts_id,
        "together": answer.together,
    }
    stored = next(iter(instances(Annotation, STORE, row)), None)
    if stored and answer.spans and answer.verdict not in SAYS_NOTHING:
        EntitySpan.objects.bulk_create(
            EntitySpan(
                annotation=stored,
                type_id=span.type_id,
                start=span.start,
                end=span.end,
                text=span.text,
            )
            for span in dict.fromkeys(answer.spans)
        )
    return stored


# ── what follows ──────────────────────────────────────────────────────────────────────


CLOSE = """
UPDATE annotation_reviewitem SET holder_id = NULL, held_until = NULL,
    not_for = array_append(not_for, %s), alike_count = %s, status = 'done',
    ended_at = statement_timestamp()
WHERE id = %s
"""
# Whoever it was meant for has answered or skipped it; now it is for anybody else.
ANOTHER_LANE = """
UPDATE annotation_reviewitem SET holder_id = NULL, held_until = NULL,
    not_for = array_append(not_for, %(by)s), lane = %(lane)s::varchar,
    assigned_to_id = NULL
WHERE id = %(item)s
"""


def _settle(item: ReviewItem, said: Annotation, *, bot: Bot) -> None:
    """Close the item if the answer is accepted, else let it wait for somebody else."""
    if item.lane == Lane.RETURNED:
        returning.end(said)
    lane = _next_lane(item, said)
    if lane is not None:
        run(ANOTHER_LANE, {"by": said.annotator_id, "lane": str(lane), "item": item.pk})
        if disputing.LANES & {item.lane, lane}:
            disputing.follow(item.pk)
        return
    labelling.accept(item, said)
    alike = item.alike_count
    if alike and not said.for_alike:
        alike -= parting.part(item, bot=bot)
    run(CLOSE, [said.annotator_id, max(alike, 0), item.pk])
    if item.lane in disputing.LANES:
        disputing.settle(item.pk, said)
        correcting.correct(item.pk)


def _next_lane(item: ReviewItem, said: Annotation) -> str | None:
    """Where the item waits after this answer; None if that was the last one it wanted."""
    if item.lane == Lane.RETURNED:
        return _after_being_asked(item, said)
    if said.verdict == Verdict.SKIP:
        return item.lane
    if said.verdict == Verdict.UNSURE:
        return Lane.REVIEWER
    if item.lane == Lane.SECOND:
        return None if labelling.agrees(said) else Lane.REVIEWER
    if item.answers_wanted > 1 and item.lane != Lane.REVIEWER:
        return Lane.SECOND
    return None


def _after_being_asked(item: ReviewItem, said: Annotation) -> str | None:
    """It waits for all who are asked. What they then agree on needs no reviewer."""
    if returning.is_awaited(item.pk):
        return Lane.RETURNED
    agreed = labelling.in_agreement(item.pk)
    if said.verdict == Verdict.SKIP or not agreed:
        return Lane.REVIEWER
    return Lane.SECOND if agreed < item.answers_wanted else None
