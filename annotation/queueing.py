"""Fills the queue: turns that deserve a look become items.

Whoever finds something of a conversation notes it (annotation/following.py). Here what was noted
is worked off, slice by slice, and looked at as it is now: so it does not matter how often, or in
which order, things were found.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import Bot
from annotation import storing
from annotation.alikes import Pile, Standing, piles
from annotation.configuring import settings_of
from annotation.drafting import AUDIT, Drafter, Seen, shown, turns_to_queue
from annotation.following import ask_for_queueing
from annotation.models import QueueDue
from annotation.weighing import priority_of
from ingest.signalling import FOUND_AGAIN

Writing = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], object]

AT_ONCE = 200  # conversations: about a tenth of a second, in which their items are not handed out


def silently(done: int, total: int, message: str) -> None:
    """Tell nobody how far the work is."""


def queue_due(
    bot: Bot, *, writing: Writing = transaction.atomic, on_progress: Progress = silently
) -> int:
    """Look at all conversations that were noted until now; return how many there were.

    What is noted meanwhile is left, so that this ends.
    """
    due = QueueDue.objects.of(bot)
    until = due.aggregate(Max("since"))["since__max"]
    if until is None:
        return 0
    done, total, drafter = 0, due.count(), Drafter.of(bot)
    while batch := _slice(drafter, until=until, writing=writing):
        done += batch
        on_progress(min(done, total), total, f"{done:,} conversations looked at")
    return done


def _slice(drafter: Drafter, *, until: datetime, writing: Writing) -> int:
    """Look at some conversations; at how many."""
    with writing():
        batch = _take_due(drafter.bot, until=until)
        if batch:
            _queue(batch, drafter)
    return len(batch)


# Of the last 30 days, as signals are found again.
NOTE_AGAIN = """
INSERT INTO annotation_queuedue AS due (conversation_id, bot_id, since)
SELECT id, bot_id, statement_timestamp() FROM ingest_conversation
WHERE bot_id = %s AND started_at >= statement_timestamp() - make_interval(days => %s)
    AND side = 'train' AND weight >= %s
ORDER BY id
ON CONFLICT (conversation_id) DO UPDATE SET since = due.since
"""


def note_again(bot: Bot) -> None:
    """Have all recent conversations that weigh enough looked at again."""
    least = settings_of(bot).least_weight
    with connection.cursor() as cursor:
        cursor.execute(NOTE_AGAIN, [bot.pk, FOUND_AGAIN.days, least])
    ask_for_queueing(bot)


# Taken before anything is read, so what is found later is noted anew. Neither who erases them nor
# who notes more is waited for: both hold what they lock while they wait for us.
TAKE_DUE = """
WITH batch AS MATERIALIZED (
    SELECT conversation_id FROM annotation_queuedue
    WHERE bot_id = %s AND since <= %s ORDER BY since, conversation_id LIMIT %s
    FOR UPDATE SKIP LOCKED
), kept AS MATERIALIZED (
    SELECT c.id FROM batch JOIN ingest_conversation c ON c.id = batch.conversation_id
    FOR KEY SHARE OF c SKIP LOCKED
)
DELETE FROM annotation_queuedue due USING kept WHERE due.conversation_id = kept.id
RETURNING due.conversation_id
"""


def _take_due(bot: Bot, *, until: datetime) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE_DUE, [bot.pk, until, AT_ONCE])
        return [row[0] for row in cursor.fetchall()]


def _queue(conversations: Sequence[UUID], drafter: Drafter) -> None:
    turns = turns_to_queue(conversations)
    audited = [turn for turn in turns if turn.side == AUDIT]
    storing.create(drafter.bot, [drafter.of_audit(turn) for turn in audited])
    others = [turn for turn in turns if turn.side != AUDIT]
    if others:
        standing = _lock_open(drafter.bot, others)
        found = piles(standing, others, least_weight=drafter.settings.least_weight)
        _store(found, drafter)


# In one order, as all who lock several items. From here on nobody takes, answers or erases them.
LOCK_OPEN = """
SELECT id, turn_id, text_group, lane, policy, weight, kinds, margin, alike_count,
    holder_id IS NULL AND assigned_to_id IS NULL AND not_for = '{}' AND NOT EXISTS (
        SELECT FROM annotation_annotation said WHERE said.item_id = item.id
    )
FROM annotation_reviewitem item
WHERE bot_id = %s AND status = 'open' AND policy <> 'audit'
    AND (text_group = ANY(%s) OR id = ANY(%s))
ORDER BY id FOR NO KEY UPDATE
"""


def _lock_open(bot: Bot, turns: Sequence[Seen]) -> list[Standing]:
    """The open items of these turns, and of texts that are alike to theirs."""
    groups = list({turn.text_group for turn in turns})
    theirs = [turn.own_item for turn in turns if turn.own_item is not None]
    theirs += [turn.beside for turn in turns if turn.beside is not None]
    with connection.cursor() as cursor:
        cursor.execute(LOCK_OPEN, [bot.pk, groups, theirs])
        return [Standing._make(row) for row in cursor.fetchall()]


def _store(found: Sequence[Pile], drafter: Drafter) -> None:
    storing.fold([(each.id, pile.item.id) for pile in found if pile.item for each in pile.folded])
    new = [_draft(pile, drafter) for pile in found if pile.item is None]
    keys = storing.create(drafter.bot, new)
    moved = [pile for pile in found if pile.has_new_lead]
    storing.stand_alone([pile.lead.turn for pile in moved if pile.lead])
    storing.rewrite([_rewritten(pile) for pile in found if pile.item and pile.lead])
    storing.grow([_grown(pile) for pile in found if not pile.lead and pile.has_grown])
    storing.stand_beside(pair for pile in found for pair in _beside(pile, keys))
    changed = [pile.item.id for pile in found if pile.item and (pile.has_new_lead or pile.folded)]
    storing.say_who_is_exact(changed)


def _draft(pile: Pile, drafter: Drafter) -> dict[str, Any]:
    assert pile.lead  # noqa: S101  # for the types
    return drafter.of_signals(pile.lead) | _shown(pile, policy="signals")


def _rewritten(pile: Pile) -> dict[str, Any]:
    assert pile.item  # noqa: S101  # for the types
    row = _shown(pile, policy=pile.item.policy)
    return row | {"id": pile.item.id, "moved": pile.has_new_lead}


def _shown(pile: Pile, *, policy: str) -> dict[str, Any]:
    assert pile.lead  # noqa: S101  # for the types
    row = shown(
        pile.lead,
        policy=policy,
        alike_count=pile.alike_count,
        least_weight=pile.weight,
        also_kinds=sorted(pile.kinds),
    )
    return row | {"alike_count": pile.alike_count}


def _grown(pile: Pile) -> dict[str, Any]:
    assert pile.item  # noqa: S101  # for the types
    count, kinds = pile.alike_count, sorted(pile.kinds)
    priority = priority_of(pile.weight, kinds=kinds, margin=pile.item.margin, alike_count=count)
    return {
        "id": pile.item.id,
        "text_group": pile.text_group,
        "weight": pile.weight,
        "kinds": kinds,
        "priority": priority,
        "alike_count": count,
    }


def _beside(pile: Pile, keys: dict[UUID, int]) -> list[tuple[UUID, int]]:
    """The turns that come to stand beside an item, with its key."""
    lead = pile.lead.turn if pile.lead else None
    item = pile.item.id if pile.item else keys.get(lead) if lead else None
    if item is None:
        return []
    turns = [turn.turn for turn in pile.joining] + [each.turn for each in pile.folded]
    if pile.item and pile.has_new_lead:
        turns.append(pile.item.turn)
    return [(turn, item) for turn in turns if turn != lead]
