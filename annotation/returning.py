"""Asking people to answer a turn anew that they had answered, and what comes of it."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import Bot
from accounts.pipelining import rows, run
from annotation import disputing
from annotation.models import Annotation, ReviewItem

# No lane leads here: it is handed to those alone who are asked (annotation/holding.py).
ASK = """
UPDATE annotation_reviewitem SET lane = 'returned', holder_id = NULL, held_until = NULL,
    assigned_to_id = NULL, not_for = ARRAY(
        SELECT person FROM unnest(not_for) AS each (person) WHERE NOT person = ANY(%(people)s)
    )
WHERE id = %(item)s
"""
ASKED = """
INSERT INTO annotation_askedanew (sent_back_id, bot_id, item_id, person_id)
SELECT %(sent_back)s, %(bot)s, %(item)s, unnest(%(people)s)
"""
END_ONE = """
UPDATE annotation_askedanew SET ended_at = statement_timestamp(), ended_by_id = %s
WHERE item_id = %s AND person_id = %s AND ended_at IS NULL
"""
END_ALL = """
UPDATE annotation_askedanew SET ended_at = statement_timestamp()
WHERE item_id = %s AND ended_at IS NULL
"""
# Those who were asked have answered before; so they are handed it no more.
TO_REVIEWERS = """
UPDATE annotation_reviewitem SET lane = 'reviewer', not_for = not_for || ARRAY(
    SELECT DISTINCT annotator_id FROM annotation_annotation
    WHERE item_id = %(item)s AND undone_at IS NULL AND NOT annotator_id = ANY(not_for)
)
WHERE id = %(item)s AND lane = 'returned'
"""
IS_AWAITED = """
SELECT EXISTS (SELECT FROM annotation_askedanew WHERE item_id = %s AND ended_at IS NULL)
"""


def ask(item: ReviewItem, people: Sequence[int], *, sent_back: int) -> None:
    """Let an item wait for `people` alone. It is locked by whoever calls."""
    values = {"item": item.pk, "bot": item.bot_id, "people": list(people), "sent_back": sent_back}
    run(ASK, values)
    run(ASKED, values)


def end(said: Annotation) -> None:
    """Whoever said it is not asked any more."""
    run(END_ONE, [said.pk, said.item_id, said.annotator_id])


def give_up(item_id: int) -> None:
    """Nobody is asked any more; it waits for a reviewer again. Call it with the item locked."""
    run(END_ALL, [item_id])
    run(TO_REVIEWERS, {"item": item_id})


def is_awaited(item_id: int) -> bool:
    """Whether somebody is still asked."""
    ((found,),) = rows(IS_AWAITED, [item_id])
    return bool(found)


REOPEN = (
    "UPDATE annotation_askedanew SET ended_at = NULL, ended_by_id = NULL WHERE ended_by_id = %s"
)


def ask_once_more(said: Annotation) -> None:
    """The answer was taken back: whoever gave it is asked again."""
    run(REOPEN, [said.pk])


LEFT = """
SELECT DISTINCT item_id FROM annotation_askedanew asked JOIN accounts_user person
    ON person.id = person_id
WHERE asked.bot_id = %s AND ended_at IS NULL AND NOT (is_active AND (is_superuser OR EXISTS (
    SELECT FROM accounts_membership WHERE user_id = person.id AND bot_id = asked.bot_id
)))
ORDER BY item_id
"""
LOCK = """
SELECT id FROM annotation_reviewitem
WHERE id = %s AND lane = 'returned' AND status = 'open' AND holder_id IS NULL FOR NO KEY UPDATE
"""


def ask_leavers_no_more(bot: Bot) -> int:
    """Give back to reviewers what was sent to people who work on the bot no more; how many."""
    given_back = 0
    for (item_id,) in rows(LEFT, [bot.pk]):
        with transaction.atomic():
            if rows(LOCK, [item_id]):
                give_up(item_id)
                disputing.follow(item_id)
                given_back += 1
    return given_back
