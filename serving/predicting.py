"""Answers to what bots ask: by the version that is live, and stored before anybody hears of it."""

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.db import transaction

from accounts.direct import Statement, Value
from accounts.pseudonyms import pseudonym
from ingest import identities
from ingest.pen import Pen
from ingest.preparing import Keeper
from ingest.redacting import Redaction
from serving.answering import Answer, Answerer
from serving.callers import Caller
from serving.models import Prediction
from serving.turns import Asked, TurnToPredict

OUT_OF_SCOPE = "out_of_scope"  # what the turn is taken for: the queue knows the word
TRUE = "true"  # as PostgreSQL writes it
# One statement, and with it one transaction: all of a request are stored, or none. It also looks
# whether who asks may still ask, and whether what answered is still what is live.
STORE = Statement("""
WITH standing AS MATERIALIZED (
    SELECT EXISTS (
        SELECT FROM accounts_apikey WHERE id = %(key)s AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > statement_timestamp())
    ) AND %(deployment)s::bigint IS NOT DISTINCT FROM (
        SELECT id FROM training_deployment WHERE bot_id = %(bot)s AND until IS NULL
    ) AS same
), sent AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS new
        (id uuid, conversation uuid, conversation_name text, at timestamptz, intent text,
         confidence float8, margin float8, outside float8, out_of_scope boolean, best_first jsonb,
         spans jsonb, digest uuid, waiting jsonb)
), stored AS (
    INSERT INTO serving_prediction
        (id, bot_id, conversation, conversation_name, version_id, arm, at, made_at, intent,
         confidence, margin, outside, out_of_scope, best_first, spans, digest, waiting)
    SELECT id, %(bot)s, conversation, conversation_name, %(version)s, %(arm)s, at,
        statement_timestamp(), intent, confidence, margin, outside, out_of_scope, best_first,
        spans, digest, waiting
    FROM sent
    WHERE (SELECT same FROM standing) AND NOT EXISTS (
        SELECT FROM sent JOIN serving_prediction known USING (id)
        WHERE known.digest <> sent.digest
    )
    ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
SELECT (SELECT same::text FROM standing), (SELECT string_agg(id::text, ' ') FROM stored)
""")


class Outdated(Exception):
    """The key was revoked, another version went live, or what was known is not any more.

    Nothing was stored.
    """


class IdConflict(Exception):
    """An event_id was used before, for something else. Nothing was stored."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place  # in the batch


@dataclass(frozen=True, slots=True)
class Drafted:
    """One turn that somebody asks about, without personal data."""

    id: UUID
    turn: TurnToPredict
    redaction: Redaction
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Predicted:
    """What is answered to one turn; without a version, that it is stored."""

    id: UUID
    version: int | None  # its number
    arm: str
    best_first: Sequence[tuple[str, float]]
    out_of_scope: bool
    spans: Sequence[dict[str, Any]]  # {type, start, end} of the text as sent

    @property
    def intent(self) -> str | None:
        return None if self.out_of_scope or not self.best_first else self.best_first[0][0]


def predict(
    asked: Sequence[Asked], *, answerer: Answerer | None, caller: Caller, now: datetime
) -> list[Predicted]:
    """Answer to all of `asked` by one version, or by none. Raise IdConflict or Outdated.

    What was asked before, by its event_id, gets the answer that it got then.
    """
    drafts = [_draft(each, caller.keeper, now) for each in asked]
    _refuse_two_of_one_name(drafts)
    answers: Sequence[Answer | None] = [None] * len(drafts)
    if answerer is not None:
        answers = answerer.answers([draft.redaction.text for draft in drafts])
    predicted = {
        draft.id: _fill_in(draft, answer, answerer)
        for draft, answer in zip(drafts, answers, strict=True)
    }
    # One row is stored or not; of several, none where two requests at once want one name.
    with transaction.atomic() if len(drafts) > 1 else nullcontext():
        new = _store({draft.id: draft.row for draft in drafts}, answerer, caller)
        if known := predicted.keys() - new:
            _refuse_conflicts(drafts, known)
            then = _as_answered_then(known)
            if then.keys() != known:
                raise Outdated  # it was deleted since, so nothing of it is stored any more
            predicted |= then
    return [predicted[draft.id] for draft in drafts]


# ── what is stored ────────────────────────────────────────────────────────────────────


def _draft(asked: Asked, keeper: Keeper, now: datetime) -> Drafted:
    turn, pen = asked.turn, Pen(keeper.own_ids, salt=keeper.salt)
    redaction = pen.redaction(turn.text)
    name = pen.reference(turn.conversation_id)
    key = identities.event_id(turn.event_id, salt=keeper.salt) if turn.event_id else uuid4()
    waiting = {
        "channel": pen.name(turn.channel),
        "language": pen.name(turn.language),
        "user": pseudonym(turn.user_id, salt=keeper.salt) if turn.user_id else None,
        "mended": asked.mended,
        "text": redaction.text,
        "redacted": dict(pen.counts),  # last: by now all has been written
    }
    row = {
        "id": key,
        "conversation": identities.conversation_id(turn.conversation_id, salt=keeper.salt),
        "conversation_name": name,
        "at": turn.timestamp or now,
        "digest": identities.digest_of(
            turn.model_dump_json(exclude_defaults=True).encode(), salt=keeper.salt
        ),
        "intent": "",
        "out_of_scope": False,
        "best_first": [],
        "spans": [],
        "waiting": waiting,
    }
    return Drafted(key, turn, redaction, row)


def _fill_in(draft: Drafted, answer: Answer | None, answerer: Answerer | None) -> Predicted:
    """Write the answer into the row, and return it."""
    if answer is None or answerer is None:
        return Predicted(draft.id, None, Prediction.Arm.NONE, (), out_of_scope=False, spans=())
    row = draft.row
    spans = [_as_sent(span, draft.redaction) for span in answer.spans]
    best_first = [{"intent": name, "confidence": sure} for name, sure in answer.best_first]
    row |= {
        "intent": "" if answer.out_of_scope else answer.best_first[0][0],
        "confidence": answer.confidence,
        "margin": answer.margin,
        "outside": answer.outside,
        "out_of_scope": answer.out_of_scope,
        "best_first": best_first,
        "spans": spans,
    }
    text = draft.redaction.text
    row["waiting"]["entities"] = [
        {"type": kind, "value": text[start:end], "start": start, "end": end}
        for start, end, kind in answer.spans
    ]
    row["waiting"]["model_version"] = f"version {answerer.number}"
    return Predicted(
        draft.id,
        answerer.number,
        Prediction.Arm.CHAMPION,
        answer.best_first,
        out_of_scope=answer.out_of_scope,
        spans=spans,
    )


def _as_sent(span: tuple[int, int, str], redaction: Redaction) -> dict[str, Any]:
    """Where a span of the redacted text is in the text as it was sent."""
    start, end, kind = span
    start, end = redaction.moved_back(start, end)
    return {"type": kind, "start": start, "end": end}


def _store(
    drafted: dict[UUID, dict[str, Any]], answerer: Answerer | None, caller: Caller
) -> set[UUID]:
    """Store what is new of these rows; which those were. None are where one stands against it."""
    values: dict[str, Value] = {
        "rows": orjson.dumps(list(drafted.values())).decode(),
        "bot": caller.bot_id,
        "key": caller.key_id,
        "deployment": caller.live.deployment,
        "version": answerer.version_id if answerer else None,
        "arm": (Prediction.Arm.CHAMPION if answerer else Prediction.Arm.NONE).value,
    }
    same, stored = STORE.row(values)
    if same != TRUE:
        raise Outdated
    return set(map(UUID, (stored or "").split()))


# ── what was asked before ─────────────────────────────────────────────────────────────


def _refuse_two_of_one_name(drafts: Sequence[Drafted]) -> None:
    """Raise IdConflict for the first that has the event_id of another, and other words."""
    digests: dict[UUID, UUID] = {}
    for place, draft in enumerate(drafts):
        if digests.setdefault(draft.id, draft.row["digest"]) != draft.row["digest"]:
            raise IdConflict(place)


def _refuse_conflicts(drafts: Sequence[Drafted], known: Collection[UUID]) -> None:
    stored = Prediction.objects.filter(pk__in=known).values_list("pk", "digest")
    digests = dict(stored)
    for place, draft in enumerate(drafts):
        if digests.get(draft.id, draft.row["digest"]) != draft.row["digest"]:
            raise IdConflict(place)


def _as_answered_then(known: Collection[UUID]) -> dict[UUID, Predicted]:
    found = Prediction.objects.filter(pk__in=known).select_related("version")
    return {
        each.pk: Predicted(
            each.pk,
            each.version.number if each.version else None,
            each.arm,
            [(guess["intent"], guess["confidence"]) for guess in each.best_first],
            out_of_scope=each.out_of_scope,
            spans=each.spans,
        )
        for each in found
    }
