"""Disputes follow their items: what waits for a reviewer, why, and how it ended.

Each statement finds out anew from the item and the answers that stand, so whoever changed these
calls `follow` in the same transaction and need not say what happened.
"""

from datetime import datetime

from accounts.models import Bot
from accounts.pipelining import rows, run
from accounts.roles import roles_with
from annotation.labelling import MARKS
from annotation.models import Annotation, ReviewItem

Lane = ReviewItem.Lane

# Where a dispute waits, for reviewers or for those who are asked to answer anew.
LANES = frozenset({Lane.REVIEWER, Lane.RETURNED})

# Of somebody who works on the bot as a reviewer, and has neither answered nor passed it.
NOBODY_LEFT = """(item.lane = 'reviewer' AND NOT EXISTS (
    SELECT FROM accounts_membership member JOIN accounts_user person ON person.id = user_id
    WHERE member.bot_id = item.bot_id AND is_active AND role = ANY(%(roles)s)
        AND NOT user_id = ANY(item.not_for)
))"""
NOTE = f"""
INSERT INTO annotation_dispute AS dispute
    (item_id, bot_id, kind, intents, people, sent_back, nobody_left, since)
SELECT item.id, item.bot_id,
    CASE WHEN EXISTS (
        SELECT FROM annotation_goldlabel gold
        WHERE gold.turn_id = item.turn_id AND gold.withdrawn_at IS NULL
    ) THEN 'again'
    WHEN bool_or(said.verdict = 'unsure') THEN 'unsure'
    WHEN count(DISTINCT (said.verdict, said.intent_id)) > 1 THEN 'differ'
    WHEN count(DISTINCT said.marks) > 1 THEN 'marks' ELSE 'again' END,
    COALESCE(array_agg(DISTINCT said.intent_id) FILTER (WHERE said.intent_id IS NOT NULL), '{{}}'),
    COALESCE(array_agg(DISTINCT said.annotator_id) FILTER (WHERE said.id IS NOT NULL), '{{}}'),
    item.lane = 'returned', {NOBODY_LEFT}, statement_timestamp()
FROM annotation_reviewitem item LEFT JOIN LATERAL (
    SELECT id, verdict, intent_id, annotator_id, {MARKS} AS marks
    FROM annotation_annotation said WHERE said.item_id = item.id
    AND undone_at IS NULL AND superseded_at IS NULL AND verdict <> 'skip'
) said ON true
WHERE item.id = %(item)s AND item.status = 'open' AND item.lane IN ('reviewer', 'returned')
GROUP BY item.id
ON CONFLICT (item_id) DO UPDATE SET kind = excluded.kind, intents = excluded.intents,
    people = excluded.people, sent_back = excluded.sent_back, nobody_left = excluded.nobody_left,
    since = CASE WHEN %(begins_anew)s THEN excluded.since ELSE dispute.since END,
    settled_at = NULL, settled_by_id = NULL
"""  # noqa: S608  # own words
# Whoever differed took their answer back, or another opinion is wanted first.
FORGET = """
DELETE FROM annotation_dispute USING annotation_reviewitem item
WHERE item.id = %s AND item_id = item.id AND item.status = 'open'
    AND item.lane NOT IN ('reviewer', 'returned')
"""
SETTLE = """
UPDATE annotation_dispute SET settled_at = statement_timestamp(), settled_by_id = %s,
    sent_back = false, nobody_left = false
WHERE item_id = %s
"""


def follow(item_id: int, *, begins_anew: bool = False) -> None:
    """Have the dispute of an item be what the item and its answers are now, if it is one."""
    values = {"item": item_id, "begins_anew": begins_anew, "roles": _reviewing_roles()}
    if not run(NOTE, values):
        run(FORGET, [item_id])


def settle(item_id: int, said: Annotation) -> None:
    """Say by which answer the dispute of an item ended."""
    run(SETTLE, [said.pk, item_id])


# Who may review changes; what is asked of open disputes is a few rows.
LOOK_AGAIN = f"""
UPDATE annotation_dispute AS dispute SET nobody_left = {NOBODY_LEFT}
FROM annotation_reviewitem item
WHERE item.id = dispute.item_id AND dispute.bot_id = %(bot)s AND dispute.settled_at IS NULL
    AND dispute.nobody_left IS DISTINCT FROM {NOBODY_LEFT}
"""  # noqa: S608  # own words


def look_again(bot: Bot) -> int:
    """Find out for which disputes no reviewer is left by now; of how many that changed."""
    return run(LOOK_AGAIN, {"bot": bot.pk, "roles": _reviewing_roles()})


def _reviewing_roles() -> list[str]:
    return [str(role) for role in roles_with("annotation.adjudicate")]


SENT_BACK_SINCE = """
SELECT EXISTS (
    SELECT FROM annotation_sentback
    WHERE item_id = %s AND undone_at IS NULL AND created_at > %s
)
"""


def was_sent_back_since(item_id: int, moment: datetime) -> bool:
    ((found,),) = rows(SENT_BACK_SINCE, [item_id, moment])
    return bool(found)
