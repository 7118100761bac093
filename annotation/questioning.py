"""Known turns that somebody is asked about, as if they waited like any other.

Whoever is asked must not be able to tell: the card is made of the item that the turn had when it
was labelled, is held and renewed like one, and its answer is answered to in the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from django.db import connection

from accounts import pipelining
from accounts.models import Bot, User
from accounts.pipelining import instance, rows, run
from annotation.models import GoldQuestion, ReviewItem, ReviewSettings
from annotation.rereading import FIRST

_dice = SystemRandom()

# ── what holds for somebody ───────────────────────────────────────────────────────────

# With the settings, so that turns which are no questions cost no statement more.
MIX = """
SELECT settings.*,
    (SELECT max(percent) FROM annotation_secondopinionshare WHERE bot_id = %(bot)s) AS by_intent,
    (SELECT item_id FROM annotation_goldquestion
     WHERE person_id = %(user)s AND bot_id = %(bot)s AND answered_at IS NULL) AS asked,
    EXISTS (SELECT FROM annotation_reviewpause
     WHERE person_id = %(user)s AND bot_id = %(bot)s AND lifted_at IS NULL) AS paused
FROM (SELECT) AS one LEFT JOIN annotation_reviewsettings settings ON settings.bot_id = %(bot)s
"""


@dataclass(frozen=True)
class Mix:
    """By what somebody's next item is chosen."""

    settings: ReviewSettings
    most_by_intent: float  # the largest share of second opinions that an intent has of its own
    asked: int | None  # the item of a question that they have not answered
    paused: bool


def mix_for(user: User, bot: Bot) -> Mix:
    connection.ensure_connection()
    with connection.wrap_database_errors:
        answer = pipelining.prepared(MIX, {"bot": bot.pk, "user": user.pk})
        columns = tuple(column.name for column in answer.description or ())
        found = answer.fetchone()
    assert found  # noqa: S101  # there is always one row
    *_, by_intent, asked, paused = found
    stored = found[columns.index("bot_id")] is not None
    settings = instance(ReviewSettings, columns, found) if stored else ReviewSettings(bot=bot)
    return Mix(settings, by_intent or 0.0, asked, paused)


# ── asking ────────────────────────────────────────────────────────────────────────────

# Behind a drawn place, and from the beginning where too few are there. Neither their own nor what
# they passed by or were asked already; nor while nothing else waits, when it would stand out.
NEAR = 50
ASK = """
WITH near AS MATERIALIZED (
    (SELECT turn_id FROM annotation_knownturn
     WHERE bot_id = %(bot)s AND source <> 'barred' AND place >= %(place)s
     ORDER BY place LIMIT %(near)s)
    UNION ALL
    (SELECT turn_id FROM annotation_knownturn
     WHERE bot_id = %(bot)s AND source <> 'barred' AND place < %(place)s
     ORDER BY place LIMIT %(near)s)
), asked AS (
    INSERT INTO annotation_goldquestion (bot_id, person_id, item_id, known_verdict,
        known_intent_id, asked_at, held_until, verdict, better_answer, note)
    SELECT %(bot)s, %(user)s, item.id, gold.verdict, gold.intent_id, statement_timestamp(),
        statement_timestamp() + make_interval(secs => %(hold)s), '', '', ''
    FROM near
    JOIN annotation_reviewitem item ON item.turn_id = near.turn_id AND item.bot_id = %(bot)s
    JOIN annotation_goldlabel gold ON gold.turn_id = near.turn_id AND gold.withdrawn_at IS NULL
    JOIN annotation_annotation said ON said.id = gold.annotation_id
    WHERE item.status = 'done' AND item.priority < %(reread)s
        AND NOT %(user)s = ANY(item.not_for) AND said.annotator_id <> %(user)s
        AND NOT EXISTS (
            SELECT FROM annotation_goldquestion before
            WHERE before.person_id = %(user)s AND before.item_id = item.id
        )
        AND EXISTS (
            SELECT FROM annotation_reviewitem waits
            WHERE waits.bot_id = %(bot)s AND waits.status = 'open' AND waits.holder_id IS NULL
                AND waits.assigned_to_id IS NULL
        )
    LIMIT 1
    ON CONFLICT DO NOTHING
    RETURNING item_id, held_until
)
SELECT item.*, asked.held_until AS asked_until
FROM asked JOIN annotation_reviewitem item ON item.id = asked.item_id
"""


def is_drawn(percent: float) -> bool:
    """Whether this time a known turn is asked about."""
    return percent > 0 and _dice.random() * 100 < percent


def ask(user: User, *, bot: Bot, seconds: float) -> ReviewItem | None:
    """Hold a known turn for somebody to answer; None if there is none for them."""
    values = {
        "bot": bot.pk,
        "user": user.pk,
        "place": _dice.random(),
        "near": NEAR,
        "reread": FIRST,
        "hold": seconds,
    }
    return _item(ASK, values)


# Of a turn that was labelled since by somebody who saw others' answers nothing is shown of these.
AGAIN = """
WITH asked AS (
    UPDATE annotation_goldquestion
    SET held_until = statement_timestamp() + make_interval(secs => %(hold)s)
    WHERE person_id = %(user)s AND bot_id = %(bot)s AND answered_at IS NULL
    RETURNING item_id, held_until
)
SELECT item.*, asked.held_until AS asked_until
FROM asked JOIN annotation_reviewitem item ON item.id = asked.item_id
"""


def again(user: User, *, bot: Bot, seconds: float) -> ReviewItem | None:
    """The question that they have not answered, held once more."""
    return _item(AGAIN, {"bot": bot.pk, "user": user.pk, "hold": seconds})


def _item(statement: str, values: Mapping[str, object]) -> ReviewItem | None:
    connection.ensure_connection()
    with connection.wrap_database_errors:
        answer = pipelining.prepared(statement, values)
        columns = tuple(column.name for column in answer.description or ())
        found = answer.fetchone()
    if found is None:
        return None
    return as_if_it_waited(instance(ReviewItem, columns, found), until=found[-1])


def as_if_it_waited(item: ReviewItem, *, until: datetime) -> ReviewItem:
    """A labelled item as its card is shown. It is not to be saved."""
    item.held_until = until
    item.status = ReviewItem.Status.OPEN
    if item.lane == ReviewItem.Lane.REVIEWER:
        item.lane = ReviewItem.Lane.SELECTION
    return item


# ── keeping and undoing ───────────────────────────────────────────────────────────────

RENEW = """
UPDATE annotation_goldquestion
SET held_until = statement_timestamp() + make_interval(secs => %s)
WHERE item_id = %s AND person_id = %s AND answered_at IS NULL RETURNING held_until
"""


def renew(item_id: int, user: User, *, seconds: float) -> datetime | None:
    """Keep a question for longer; None if they are asked no such thing."""
    renewed = rows(RENEW, [seconds, item_id, user.pk])
    return renewed[0][0] if renewed else None


def open_question(user: User, *, bot: Bot) -> ReviewItem | None:
    """The item of the question that they have before them, as its card is shown."""
    found = GoldQuestion.objects.of(bot).to(user).open().select_related("item").first()
    return as_if_it_waited(found.item, until=found.held_until) if found else None


def newest_answered(user: User, *, bot: Bot) -> GoldQuestion | None:
    answered = GoldQuestion.objects.of(bot).to(user).filter(answered_at__isnull=False)
    return answered.newest_first().first()


TAKE_BACK = """
UPDATE annotation_goldquestion SET answered_at = NULL, submission = NULL, verdict = '',
    intent_id = NULL, seconds = NULL, "right" = NULL,
    held_until = statement_timestamp() + make_interval(secs => %s)
WHERE id = %s AND answered_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM annotation_goldquestion other
    WHERE other.person_id = annotation_goldquestion.person_id
        AND other.bot_id = annotation_goldquestion.bot_id AND other.answered_at IS NULL
)
"""
# Who takes one back while the next one was fetched ahead gets that one again later.
LATER = """
DELETE FROM annotation_goldquestion WHERE person_id = %s AND bot_id = %s AND answered_at IS NULL
"""


def take_back(question: GoldQuestion, user: User, *, bot: Bot, seconds: float) -> ReviewItem | None:
    """Ask it again, as an undone answer gives its item back; None if it was just then."""
    run(LATER, [user.pk, bot.pk])
    if not run(TAKE_BACK, [seconds, question.pk]):
        return None
    return open_question(user, bot=bot)
