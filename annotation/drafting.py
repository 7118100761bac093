"""Turns as the queue looks at them, and the items that would be made of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from accounts.models import Bot
from accounts.pseudonyms import salt_of
from annotation import reasons
from annotation.configuring import settings_of
from annotation.guesses import guesses_of, is_out_of_scope
from annotation.models import ReviewItem, ReviewSettings, SecondOpinionShare
from annotation.weighing import drawn, priority_of

Lane = ReviewItem.Lane

SIGNALS, AUDIT, RANDOM = "signals", "audit", "random"  # policies


class Seen(NamedTuple):
    """A turn with words of the user, and where it stands in the queue."""

    turn: UUID
    conversation: UUID
    side: str
    audit_share: float
    at: datetime
    text: UUID
    text_group: UUID
    intent: str
    confidence: float | None
    alternatives: Sequence[dict[str, Any]]
    model_version: str
    signals: Sequence[tuple[str, float, str]]  # kind, weight, sentence; heaviest first
    own_item: int | None
    own_status: str | None
    beside: int | None  # the item of another turn that stands for it
    known: bool  # its text has a gold label on the train side

    @property
    def weight(self) -> float:
        return round(sum(weight for _, weight, _ in self.signals), 6)

    @property
    def kinds(self) -> list[str]:
        return sorted({kind for kind, _, _ in self.signals})

    @property
    def is_novel(self) -> bool:
        return is_out_of_scope(self.intent)


SEE = """
SELECT t.event_id, t.conversation_id, c.side, c.audit_share, t.at, t.distinct_text_id,
    COALESCE(x.alike_id, x.id), t.intent, t.confidence, t.alternatives, t.model_version,
    COALESCE(found.signals, '[]'), own.id, own.status, beside.item_id,
    EXISTS (
        SELECT FROM annotation_goldlabel gold
        WHERE gold.text_id = t.distinct_text_id AND gold.withdrawn_at IS NULL
        AND gold.side = 'train'
    )
FROM ingest_turn t
JOIN ingest_conversation c ON c.id = t.conversation_id
JOIN ingest_text x ON x.id = t.distinct_text_id
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(kind, weight, sentence) ORDER BY weight DESC, kind) AS signals
    FROM ingest_signal WHERE turn_id = t.event_id
) found ON true
LEFT JOIN annotation_reviewitem own ON own.turn_id = t.event_id
LEFT JOIN annotation_itemturn beside ON beside.turn_id = t.event_id
WHERE {which}
"""
# Of most turns nothing was found, and nothing has to be done.
OF_CONVERSATIONS = """t.conversation_id = ANY(%s) AND CASE c.side
    WHEN 'audit' THEN own.id IS NULL
    ELSE found.signals IS NOT NULL OR own.status = 'open' END"""


def turns_to_queue(conversations: Sequence[UUID]) -> list[Seen]:
    """Those turns of `conversations` of which the queue may have to learn something."""
    return see(OF_CONVERSATIONS, list(conversations))


def see(which: str, *values: Any) -> list[Seen]:
    with connection.cursor() as cursor:
        cursor.execute(SEE.format(which=which), values)
        return [_seen(row) for row in cursor.fetchall()]


def _seen(row: Sequence[Any]) -> Seen:
    seen = Seen._make(row)
    return seen._replace(alternatives=_parsed(seen.alternatives), signals=_parsed(seen.signals))


def _parsed(value: Any) -> Any:
    """Django has jsonb come as text, for its own fields to read."""
    return json.loads(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Drafter:
    """Makes drafts by the settings of one bot."""

    bot: Bot
    settings: ReviewSettings
    salt: bytes = field(repr=False)
    # Of intents that have a share of second opinions of their own, by name.
    seconds: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, bot: Bot) -> "Drafter":
        shares = SecondOpinionShare.objects.of(bot).values_list("intent__name", "percent")
        seconds = {name.lower(): percent for name, percent in shares}
        return cls(bot, settings_of(bot), salt_of(bot), seconds)

    def wanted(self, turn: UUID, guess: str) -> int:
        """How many people are asked of a turn that is taken for an intent."""
        percent = self.seconds.get(guess.strip().lower(), self.settings.second_opinion_percent)
        return 1 + self._falls_on(turn, "second", percent)

    def of_signals(self, seen: Seen, *, alike_count: int = 0) -> dict[str, Any]:
        lane = Lane.NOVELTY if seen.is_novel else Lane.SELECTION
        return self._draft(seen, lane=lane, policy=SIGNALS, alike_count=alike_count)

    def of_audit(self, seen: Seen) -> dict[str, Any]:
        """Nothing that is known of the turn has a say in when it is handed out."""
        draft = self._draft(seen, lane=Lane.AUDIT, policy=AUDIT, chance=seen.audit_share or None)
        priority = drawn(seen.turn, "priority", salt=self.salt)
        return draft | {
            "priority": priority,
            "weight": 0,
            "kinds": [],
            "reasons": [reasons.AUDIT],
        }

    def of_random(self, seen: Seen, *, chance: float) -> dict[str, Any]:
        return self._draft(seen, lane=Lane.SELECTION, policy=RANDOM, chance=chance)

    def _draft(
        self,
        seen: Seen,
        *,
        lane: Lane,
        policy: str,
        chance: float | None = None,
        alike_count: int = 0,
    ) -> dict[str, Any]:
        return shown(seen, policy=policy, alike_count=alike_count) | {
            "lane": lane.value,
            "policy": policy,
            "chance": chance,
            "alike_count": alike_count,
            "guess_hidden": self._falls_on(seen.turn, "hidden", self.settings.hidden_percent),
            "answers_wanted": self.wanted(seen.turn, seen.intent),
        }

    def _falls_on(self, turn: UUID, what_for: str, percent: float) -> bool:
        return drawn(turn, what_for, salt=self.salt) * 100 < percent


def shown(
    seen: Seen,
    *,
    policy: str,
    alike_count: int,
    least_weight: float = 0,
    also_kinds: Sequence[str] = (),
) -> dict[str, Any]:
    """What an item says of the turn that leads it, and how useful that makes it.

    The others that it stands for may weigh more, and be of other kinds.
    """
    guesses = guesses_of(seen.intent, seen.confidence, seen.alternatives)
    weight, kinds = max(seen.weight, least_weight), sorted({*seen.kinds, *also_kinds})
    return {
        "turn": seen.turn,
        "conversation": seen.conversation,
        "text": seen.text,
        "text_group": seen.text_group,
        "at": seen.at,
        "weight": weight,
        "kinds": kinds,
        "reasons": _reasons(seen, policy=policy),
        "guesses": list(guesses.best_first),
        "guess": guesses.best,
        "confidence": guesses.confidence,
        "margin": guesses.margin,
        "model_version": seen.model_version,
        "priority": priority_of(
            weight, kinds=kinds, margin=guesses.margin, alike_count=alike_count
        ),
    }


def _reasons(seen: Seen, *, policy: str) -> list[str]:
    sentences = [sentence for _, _, sentence in seen.signals]
    if policy == RANDOM:
        return [reasons.RANDOM, *sentences]
    found = reasons.of_signals(sentences, novel=seen.is_novel, intent=seen.intent)
    return found or [reasons.LEFT]
