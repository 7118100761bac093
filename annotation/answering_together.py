"""One answer to a whole group: for what was on screen, was not peeled off, and still waits."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import Bot, User
from accounts.pipelining import instances, rows, run
from annotation import answering, grouping
from annotation.answering import Answer, SubmissionUsed
from annotation.leaving_out import Reason, why_not
from annotation.models import Annotation, GroupAnswer, ReviewItem


class NothingLeft(Exception):
    """None of what was on screen can be answered any more. Nothing was stored."""

    def __init__(self, left_out: Mapping[str, int]) -> None:
        super().__init__(left_out)
        self.left_out = left_out


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as it was on screen."""

    item: int
    turn: UUID
    alike: int  # turns that it stood for, if all that they say was there too; else 0


@dataclass(frozen=True, slots=True)
class GroupSaid:
    """What somebody said of a group. `submission` is the form's own, so that it counts once."""

    submission: UUID
    group: int
    verdict: Annotation.Verdict
    shown: Sequence[Shown]
    peeled: Collection[int]
    guess_shown: bool  # whether the page said what the bot takes the group for
    intent_id: int | None = None
    seconds: float | None = None

    @property
    def wanted(self) -> dict[int, Shown]:
        return {each.item: each for each in self.shown if each.item not in self.peeled}


# In one order, as all who lock several items.
LOCK = """
SELECT * FROM annotation_reviewitem WHERE id = ANY(%s) AND bot_id = %s
ORDER BY id FOR NO KEY UPDATE
"""


@transaction.atomic
def answer_group(user: User, said: GroupSaid, *, bot: Bot) -> GroupAnswer:
    """Give one answer to all items of a group that were on screen and were not peeled off.

    What somebody else holds or has answered is left out, and counted by why. Raise NothingLeft
    where that is all of it. The same form delivered twice is one answer.
    """
    wanted = said.wanted
    items = instances(ReviewItem, LOCK, [list(wanted), bot.pk])
    if before := GroupAnswer.objects.filter(submission=said.submission).first():
        return _theirs(before, user, bot)
    if said.intent_id is not None:
        answering.keep_intent(said.intent_id, bot=bot)
    fitting = [item for item in items if not why_not(item, wanted[item.pk].turn, user)]
    left_out = Counter(_left_out(items, wanted, user))
    if not fitting:
        raise NothingLeft({str(reason): times for reason, times in left_out.items()})
    answer = _stored(user, said, bot=bot, answered=len(fitting), left_out=left_out)
    for item in fitting:
        alike = wanted[item.pk].alike
        answering.put(item, user, _part(answer, said, item, alike, len(fitting)), bot=bot)
    _peel(answer, said)
    grouping.recount(bot, group=said.group)
    return answer


def _theirs(before: GroupAnswer, user: User, bot: Bot) -> GroupAnswer:
    if (before.annotator_id, before.bot_id) != (user.pk, bot.pk):
        raise SubmissionUsed
    return before


def _left_out(
    items: Sequence[ReviewItem], wanted: dict[int, Shown], user: User
) -> Iterator[Reason]:
    for item in items:
        if reason := why_not(item, wanted[item.pk].turn, user):
            yield reason
    for _ in range(len(wanted) - len(items)):
        yield Reason.GONE


def _stored(
    user: User, said: GroupSaid, *, bot: Bot, answered: int, left_out: Counter[Reason]
) -> GroupAnswer:
    return GroupAnswer.objects.create(
        bot=bot,
        submission=said.submission,
        group_number=said.group,
        annotator=user,
        verdict=said.verdict,
        intent_id=said.intent_id,
        answered=answered,
        left_out={str(reason): times for reason, times in left_out.items()},
    )


def _part(
    answer: GroupAnswer, said: GroupSaid, item: ReviewItem, alike: int, answered: int
) -> Answer:
    """The answer to one item. The time is shared among all."""
    return Answer(
        submission=uuid5(said.submission, str(item.pk)),
        verdict=said.verdict,
        intent_id=said.intent_id,
        # More may have come to stand beside it since it was on screen.
        for_alike=0 < item.alike_count == alike,
        seconds=said.seconds / answered if said.seconds is not None else None,
        together=answer.pk,
        guess_shown=said.guess_shown,
    )


# What was peeled off waits in the queue, and in no group until the next grouping.
PEEL = """
UPDATE annotation_groupeditem SET peeled_in_id = %s
WHERE item_id = ANY(%s) AND bot_id = %s AND peeled_in_id IS NULL
"""


def _peel(answer: GroupAnswer, said: GroupSaid) -> None:
    peeled = [each.item for each in said.shown if each.item in said.peeled]
    if peeled:
        run(PEEL, [answer.pk, peeled, answer.bot_id])


COUNT_PEELED = "SELECT count(*) FROM annotation_groupeditem WHERE peeled_in_id = %s"


def count_peeled(answer: GroupAnswer) -> int:
    ((number,),) = rows(COUNT_PEELED, [answer.pk])
    return int(number)
