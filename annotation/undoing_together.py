"""Taking back what was said of a whole group, at once."""

from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.models import Bot, User
from accounts.pipelining import rows, run
from annotation import following, grouping
from annotation.models import Annotation, GroupAnswer, GroupedItem
from annotation.undoing import TooLate, newest

BACK = "{turns} of your last group wait again, without a label.{stay}"
ONE_BACK = "1 turn of your last group waits again, without a label.{stay}"
LEFT_BEHIND = " {turns} labelled, because somebody has gone on with {them} since."


class NotTogether(Exception):
    """Their newest answer was to one turn. Nothing was changed."""


# Conversations first, as those who erase; then items in one order, as all who lock several.
STAY = """
SELECT 1 FROM ingest_conversation WHERE id IN (
    SELECT item.conversation_id FROM annotation_reviewitem item
    JOIN annotation_annotation said ON said.item_id = item.id WHERE said.together_id = %s
) ORDER BY id FOR KEY SHARE
"""
LOCK = """
SELECT 1 FROM annotation_reviewitem
WHERE id IN (SELECT item_id FROM annotation_annotation WHERE together_id = %s)
ORDER BY id FOR NO KEY UPDATE
"""
# As with one answer: nobody else has the item, or has said something of it since.
AS_IT_WAS = """
SELECT said.id, said.item_id, item.status = 'done' AND NOT said.for_alike, item.conversation_id
FROM annotation_annotation said
JOIN annotation_reviewitem item ON item.id = said.item_id
WHERE said.together_id = %s AND said.undone_at IS NULL
AND (item.holder_id IS NULL OR item.holder_id = said.annotator_id)
AND NOT EXISTS (
    SELECT FROM annotation_annotation later
    WHERE later.item_id = item.id AND later.id > said.id AND later.undone_at IS NULL
    AND later.annotator_id <> said.annotator_id AND later.verdict <> 'skip'
)
AND NOT EXISTS (
    SELECT FROM annotation_goldlabel gold
    WHERE gold.annotation_id = said.id AND gold.withdrawn_at IS NOT NULL
)
"""
WITHDRAW = """
UPDATE annotation_goldlabel SET withdrawn_at = statement_timestamp()
WHERE annotation_id = ANY(%s) AND withdrawn_at IS NULL
"""
RESTORE = """
UPDATE annotation_goldlabel SET withdrawn_at = NULL, replaced_by_id = NULL
WHERE replaced_by_id IN (SELECT id FROM annotation_goldlabel WHERE annotation_id = ANY(%s))
"""
# To everybody: a group is nobody's.
GIVE_BACK = """
UPDATE annotation_reviewitem item
SET status = 'open', ended_at = NULL, lane = said.lane, holder_id = NULL, held_until = NULL,
    not_for = array_remove(item.not_for, said.annotator_id::bigint)
FROM annotation_annotation said WHERE said.id = ANY(%s) AND item.id = said.item_id
"""


@transaction.atomic
def undo_group(user: User, *, bot: Bot) -> GroupAnswer:
    """Take back the newest answer of `user`, which was to a group; what was peeled off is in it
    again.

    What somebody has gone on with stays answered: `answered` minus what still stands came back.
    Raise TooLate if that is all of it, NotTogether if they answered a single turn since.
    """
    said = newest(user, bot=bot)
    if said.together_id is None:
        raise NotTogether
    answer = said.together_id
    rows(STAY, [answer])
    rows(LOCK, [answer])
    found = rows(AS_IT_WAS, [answer])
    if not found:
        raise TooLate
    _take_back([key for key, *_ in found])
    # Those alike that became items of their own come back, if these still are as they were.
    following.note(bot, sorted({talk for _, _, parted, talk in found if parted}))
    GroupedItem.objects.filter(peeled_in=answer).update(peeled_in=None)
    GroupAnswer.objects.filter(pk=answer).update(undone_at=Now())
    back = GroupAnswer.objects.get(pk=answer)
    grouping.recount(bot, group=back.group_number)
    return back


def _take_back(said: list[int]) -> None:
    Annotation.objects.filter(pk__in=said).update(undone_at=Now())
    with connection.cursor() as cursor:
        cursor.execute(WITHDRAW, [said])
        cursor.execute(RESTORE, [said])
    run(GIVE_BACK, [said])


def in_words(back: GroupAnswer) -> str:
    """What came back of a group, and what did not."""
    stay = Annotation.objects.standing().filter(together=back).count()
    came = back.answered - stay
    which = ("1 stays", "it") if stay == 1 else (f"{stay:,} stay", "them")
    left = LEFT_BEHIND.format(turns=which[0], them=which[1]) if stay else ""
    return (ONE_BACK if came == 1 else BACK).format(turns=f"{came:,} turns", stay=left)
