"""Items that somebody above this room picked: texts, with what they guess and why.

This room does not know how they were picked. What is picked replaces what was picked or drawn
before, but for items that somebody has, or has said something of.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import connection, transaction

from accounts.models import Bot
from annotation import following, storing
from annotation.drafting import Drafter, Seen, see
from annotation.guesses import MOST
from annotation.models import ReviewItem
from annotation.queueing import Writing
from annotation.weighing import priority_of

Lane = ReviewItem.Lane

# Before what has signals, unless many of them come together.
PICKED = 2.0


@dataclass(frozen=True)
class Pick:
    """A text that is worth an answer."""

    text: UUID
    policy: str  # how it was picked; it stays with the gold label
    reason: str  # for people
    useful: float  # from 0 to 1; the highest is handed out first
    guesses: Sequence[dict[str, Any]] = ()  # {intent, confidence}, best first
    margin: float | None = None
    guessed_by: str = ""
    novel: bool = False


@dataclass(frozen=True)
class Replaced:
    """How many items were made, shown anew, and taken away."""

    made: int
    kept: int
    withdrawn: int


# ── who picks ─────────────────────────────────────────────────────────────────────────

Chooser = Callable[[Bot, int], bool]
CHOOSERS: list[Chooser] = []


def chooses(function: Chooser) -> Chooser:
    """Register who picks for bots. Told how many free picks are left, it says whether it does."""
    CHOOSERS.append(function)
    return function


def somebody_chooses(bot: Bot) -> bool:
    """Whether nothing has to be drawn at random, because somebody picks for `bot`."""
    return any(function(bot, in_stock(bot)) for function in CHOOSERS)


IN_STOCK = """
SELECT count(*) FROM annotation_reviewitem
WHERE bot_id = %s AND status = 'open' AND policy NOT IN ('signals', 'audit', 'random')
    AND holder_id IS NULL AND assigned_to_id IS NULL
"""


def in_stock(bot: Bot) -> int:
    """How many picks are free."""
    with connection.cursor() as cursor:
        cursor.execute(IN_STOCK, [bot.pk])
        (found,) = cursor.fetchone()
    return int(found)


# ── what can be picked ────────────────────────────────────────────────────────────────

UNTOUCHED = """item.status = 'open' AND item.lane IN ('selection', 'novelty')
    AND item.policy <> 'audit' AND item.holder_id IS NULL AND item.assigned_to_id IS NULL
    AND item.not_for = '{}'
    AND NOT EXISTS (SELECT FROM annotation_annotation said WHERE said.item_id = item.id)"""
TAKEN = f"""
SELECT string_agg(uuid_send(text_id), '') FROM (
    SELECT text_id FROM annotation_goldlabel
    WHERE bot_id = %(bot)s AND withdrawn_at IS NULL AND text_id IS NOT NULL
    UNION SELECT text_id FROM annotation_reviewitem item
    WHERE bot_id = %(bot)s AND text_id IS NOT NULL AND NOT ({UNTOUCHED})
    UNION SELECT distinct_text_id FROM ingest_turn turn
    JOIN ingest_conversation talk ON talk.id = turn.conversation_id
    WHERE talk.bot_id = %(bot)s AND talk.side = 'audit' AND distinct_text_id IS NOT NULL
) taken
"""  # noqa: S608  # own words


def taken(bot: Bot) -> bytes:
    """The keys, 16 bytes each, of texts that cannot be picked.

    They have a label, somebody is at them, or the audit has them.
    """
    connection.ensure_connection()
    # Django's own cursor has bytes written out in letters.
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(TAKEN, {"bot": bot.pk}, binary=True)
        row = cursor.fetchone()
    return bytes(row[0]) if row and row[0] else b""


# ── replacing ─────────────────────────────────────────────────────────────────────────


class Standing(NamedTuple):
    """An item that may be shown anew or taken away."""

    id: int
    text: UUID
    conversation: UUID
    policy: str
    weight: float
    kinds: Sequence[str]
    alike_count: int


# Two questions, so that each finds its index.
STANDING = f"""
SELECT id, text_id, conversation_id, policy, weight, kinds, alike_count
FROM annotation_reviewitem item
WHERE id IN (
    SELECT id FROM annotation_reviewitem
    WHERE bot_id = %(bot)s AND status = 'open' AND policy NOT IN ('signals', 'audit')
    UNION SELECT id FROM annotation_reviewitem
    WHERE bot_id = %(bot)s AND text_id = ANY(%(texts)s)
) AND {UNTOUCHED}
"""  # noqa: S608  # own words
LOCK = STANDING + " AND conversation_id = ANY(%(kept)s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
# One turn of each text that nothing stands for yet.
TURNS = """
SELECT DISTINCT ON (turn.distinct_text_id) turn.event_id, turn.conversation_id
FROM ingest_turn turn JOIN ingest_conversation talk ON talk.id = turn.conversation_id
WHERE turn.distinct_text_id = ANY(%s) AND talk.side = 'train'
    AND NOT EXISTS (SELECT FROM annotation_itemturn beside WHERE beside.turn_id = turn.event_id)
    AND NOT EXISTS (SELECT FROM annotation_reviewitem own WHERE own.turn_id = turn.event_id)
ORDER BY turn.distinct_text_id, turn.at DESC, turn.event_id
"""
BESIDE = """
SELECT turn.conversation_id FROM annotation_itemturn beside
JOIN ingest_turn turn ON turn.event_id = beside.turn_id WHERE beside.item_id = ANY(%s)
"""
# Before any item of theirs, as all who lock both. Who erases one is not waited for.
KEEP = """
SELECT id FROM ingest_conversation WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE SKIP LOCKED
"""


def replace(bot: Bot, picks: Sequence[Pick], *, writing: Writing = transaction.atomic) -> Replaced:
    """Have `picks` wait in the place of what was picked or drawn before.

    What has signals waits on by itself where it is not picked any more.
    """
    by_text = {pick.text: pick for pick in picks}
    with writing():
        standing = _rows(STANDING, {"bot": bot.pk, "texts": list(by_text)})
        known = {row[1] for row in standing}
        turns = _rows(TURNS, [[text for text in by_text if text not in known]])
        talks = [row[2] for row in standing] + [row[1] for row in turns]
        talks += [row[0] for row in _rows(BESIDE, [[row[0] for row in standing]])]
        kept = {row[0] for row in _rows(KEEP, [talks])}
        values = {"bot": bot.pk, "texts": list(by_text), "kept": list(kept)}
        locked = [Standing._make(row) for row in _rows(LOCK, values)]
        staying = [item for item in locked if item.text in by_text]
        leaving = [item for item in locked if item.text not in by_text]
        _show(staying, by_text)
        _withdraw(bot, leaving, kept)
        made = _make(bot, [row[0] for row in turns if row[1] in kept], by_text)
    return Replaced(made, len(staying), len(leaving))


# Nobody has said anything of these texts, and nothing stands for them yet.
UNSAID = """
SELECT id FROM unnest(%s::uuid[]) AS wanted (id)
WHERE NOT EXISTS (SELECT FROM annotation_reviewitem item WHERE item.text_id = wanted.id)
    AND NOT EXISTS (
        SELECT FROM annotation_goldlabel gold
        WHERE gold.text_id = wanted.id AND gold.withdrawn_at IS NULL
    )
"""


def add(bot: Bot, picks: Sequence[Pick], *, writing: Writing = transaction.atomic) -> set[UUID]:
    """Have `picks` wait beside what waits; the texts that do from now on.

    Left out is what waits or was answered before. They stay until somebody picks anew.
    """
    by_text = {pick.text: pick for pick in picks}
    with writing():
        unsaid = [row[0] for row in _rows(UNSAID, [list(by_text)])]
        turns = _rows(TURNS, [unsaid])
        kept = {row[0] for row in _rows(KEEP, [[row[1] for row in turns]])}
        leading = [row[0] for row in turns if row[1] in kept]
        _make(bot, leading, by_text)
        return {turn.text for turn in see("t.event_id = ANY(%s)", leading)} if leading else set()


def _show(items: Sequence[Standing], picks: dict[UUID, Pick]) -> None:
    """Have items that wait already show what is guessed of them now."""
    storing.pick_up(
        [
            {"id": item.id}
            | _shown(
                picks[item.text],
                weight=item.weight,
                kinds=item.kinds,
                alike_count=item.alike_count,
            )
            for item in items
        ]
    )


def _withdraw(bot: Bot, items: Sequence[Standing], kept: set[UUID]) -> None:
    """Take items away. Where something was found of their turns the queue looks at these again."""
    with_signals = [item for item in items if item.kinds or item.alike_count]
    again = [item.conversation for item in with_signals]
    again += [row[0] for row in _rows(BESIDE, [[item.id for item in with_signals]])]
    storing.delete([item.id for item in items])
    following.note(bot, [each for each in dict.fromkeys(again) if each in kept])


def _make(bot: Bot, turns: Sequence[UUID], picks: dict[UUID, Pick]) -> int:
    drafter = Drafter.of(bot)
    drafts = [
        _draft(drafter, seen, picks[seen.text]) for seen in see("t.event_id = ANY(%s)", list(turns))
    ]
    return len(storing.create(bot, drafts))


def _draft(drafter: Drafter, seen: Seen, pick: Pick) -> dict[str, Any]:
    draft = drafter.of_signals(seen)
    shown = _shown(pick, weight=seen.weight, kinds=seen.kinds, alike_count=0)
    sentences = [sentence for _, _, sentence in seen.signals]
    wanted = drafter.wanted(seen.turn, shown["guess"])
    return draft | shown | {"reasons": [pick.reason, *sentences], "answers_wanted": wanted}


def _shown(pick: Pick, *, weight: float, kinds: Sequence[str], alike_count: int) -> dict[str, Any]:
    best = pick.guesses[0] if pick.guesses else {"intent": "", "confidence": None}
    own = priority_of(weight, kinds=kinds, margin=None, alike_count=alike_count)
    return {
        "lane": str(Lane.NOVELTY if pick.novel else Lane.SELECTION),
        "policy": pick.policy,
        "chance": None,  # what is picked was not drawn
        "reasons": [pick.reason],
        "guesses": list(pick.guesses[:MOST]),
        "guess": best["intent"],
        "confidence": best["confidence"],
        "margin": pick.margin,
        "model_version": pick.guessed_by,
        "priority": round(PICKED + pick.useful + own, 6),
    }


def _rows(statement: str, values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows
