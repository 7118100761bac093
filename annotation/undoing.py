"""Taking one's answers back, the newest first."""

from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Coalesce, Now

from accounts.models import Bot, User
from accounts.pipelining import rows, run
from annotation import correcting, disputing, following, labelling, questioning, returning
from annotation.holding import SECONDS
from annotation.models import Annotation, GoldQuestion, ReviewItem

MOST_IN_A_ROW = 10


class NothingToUndo(Exception):
    """They have no standing answer, or have taken back ten since they last answered."""


class GivenTogether(Exception):
    """It was given to a whole group, and is taken back with it (undoing_together.undo_group)."""


class TooLate(Exception):
    """Somebody went on with it since, or it is gone. Nothing was changed."""


@transaction.atomic
def undo(user: User, *, bot: Bot) -> ReviewItem:
    """Take back the newest standing answer of `user`, and give them its item again.

    Raise GivenTogether if that was to a group.

    Gold labels that it made are withdrawn; older ones, which these had replaced, are current.
    """
    asked = questioning.newest_answered(user, bot=bot)
    if asked and _is_newest(asked, user, bot):
        return _asked_again(asked, user, bot)
    said = newest(user, bot=bot)
    if said.together_id is not None:
        raise GivenTogether
    item = _locked(said)
    if _went_on(item, said):
        raise TooLate
    # Somebody may take it back in two windows at once.
    if not Annotation.objects.standing().filter(pk=said.pk).update(undone_at=Now()):
        raise TooLate
    labelling.take_back(said)
    if item.status == ReviewItem.Status.DONE and not said.for_alike:
        # Those alike became an item of their own. If it still is as it was, they come back.
        following.note(bot, [item.conversation_id])
    given_back = _given_back(item, said)
    if disputing.LANES & {said.lane, item.lane}:
        _dispute_anew(said)
    return given_back


# What they had said before stands again.
RESTORE = """
UPDATE annotation_annotation SET superseded_at = NULL
WHERE id = (
    SELECT max(id) FROM annotation_annotation
    WHERE item_id = %s AND annotator_id = %s AND superseded_at IS NOT NULL AND undone_at IS NULL
)
"""


def _dispute_anew(said: Annotation) -> None:
    if said.verdict != Annotation.Verdict.SKIP:
        run(RESTORE, [said.item_id, said.annotator_id])
    returning.ask_once_more(said)
    disputing.follow(said.item_id)
    correcting.correct(said.item_id)


def _is_newest(asked: GoldQuestion, user: User, bot: Bot) -> bool:
    """Whether they answered a question after all that stands of their answers."""
    later = Annotation.objects.of(bot).by(user).standing()
    return not later.filter(created_at__gt=asked.answered_at).exists()


def _asked_again(asked: GoldQuestion, user: User, bot: Bot) -> ReviewItem:
    item = questioning.take_back(asked, user, bot=bot, seconds=SECONDS)
    if item is None:
        raise TooLate
    return item


# In the order of those who erase: whoever has the item before would wait in a circle with them.
STAYS = """
SELECT 1 FROM ingest_conversation
WHERE id = (SELECT conversation_id FROM annotation_reviewitem WHERE id = %s) FOR KEY SHARE
"""


def _locked(said: Annotation) -> ReviewItem:
    """The item of an answer. Raise TooLate if it was erased."""
    stays = rows(STAYS, [said.item_id])
    item = ReviewItem.objects.select_for_update(no_key=True).filter(pk=said.item_id).first()
    if item is None or not stays:
        raise TooLate
    return item


def newest(user: User, *, bot: Bot) -> Annotation:
    """The answer that is taken back next. Raise NothingToUndo if there is none."""
    mine = Annotation.objects.of(bot).by(user)
    said = mine.standing().newest_first().first()
    if said is None:
        raise NothingToUndo
    last_said_at = mine.newest_first().values("created_at")[:1]
    taken_back = mine.filter(pk__gt=said.pk, undone_at__gt=last_said_at)
    # What was given together counts once.
    in_a_row = taken_back.aggregate(
        each=Count(Coalesce(-F("together_id"), F("pk")), distinct=True)
    )["each"]
    if in_a_row >= MOST_IN_A_ROW:
        raise NothingToUndo
    return said


def _went_on(item: ReviewItem, said: Annotation) -> bool:
    """Whether somebody else has it, or has said something of it since."""
    if item.holder_id not in (None, said.annotator_id):
        return True
    later = Annotation.objects.standing().filter(item=item, pk__gt=said.pk)
    others = later.exclude(annotator=said.annotator_id).exclude(verdict=Annotation.Verdict.SKIP)
    if others.exists() or labelling.were_replaced(said):
        return True
    return item.lane in disputing.LANES and disputing.was_sent_back_since(item.pk, said.created_at)


GIVE_BACK = """
UPDATE annotation_reviewitem
SET status = 'open', ended_at = NULL, lane = %s, not_for = array_remove(not_for, %s),
    holder_id = %s, held_until = statement_timestamp() + make_interval(secs => %s)
WHERE id = %s
RETURNING *
"""


def _given_back(item: ReviewItem, said: Annotation) -> ReviewItem:
    whose = said.annotator_id
    values = [said.lane, whose, whose, SECONDS, item.pk]
    return next(iter(ReviewItem.objects.raw(GIVE_BACK, values)))
