"""Reads rows of a dataset with all that a report asks of them: who said it, where, who labelled.

Intents are called as they are now, whatever they were called when the dataset was frozen.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from accounts.models import Bot
from ml.pairing import OUT_OF_SCOPE, Paired
from ml.slicing import lengths
from training.choosing import run
from training.models import DatasetVersion, Fate, ModelVersion
from training.naming import names_of

AT_ONCE = 5000

READ = f"""
SELECT kept.place, called.intent_id, kept.turn_id, turn.conversation_id, kept.text_id, turn.text,
    turn.at, talk.channel, talk.language, event."user", said.annotator_id
FROM training_datasetrow kept
JOIN training_datasetintent called ON called.id = kept.dataset_intent_id
JOIN annotation_goldlabel gold ON gold.id = kept.gold_label_id
JOIN annotation_annotation said ON said.id = gold.annotation_id
JOIN ingest_turn turn ON turn.event_id = kept.turn_id
JOIN ingest_conversation talk ON talk.id = turn.conversation_id
JOIN ingest_incomingevent event ON event.id = kept.turn_id
WHERE kept.version_id = %(version)s AND kept.place > %(after)s AND kept.side = %(side)s
    AND kept.fate = {Fate.KEPT} AND ({{which}})
ORDER BY kept.place LIMIT %(most)s
"""  # noqa: S608  numbers of ours
ALL = "true"
# Whole conversations, drawn by their keys, which are hashes.
SOME = "('x' || substr(turn.conversation_id::text, 1, 8))::bit(32)::bigint < %(share)s * 4294967296"

FIRST_SEEN = """
SELECT event."user", min(event.at) FROM ingest_incomingevent event
WHERE event."user" = ANY(%s) GROUP BY event."user"
"""


@dataclass
class Survey:
    """Rows of one side, each list as long as the others."""

    intents: list[str] = field(default_factory=list)  # empty out of scope
    turns: list[UUID] = field(default_factory=list)
    conversations: list[UUID] = field(default_factory=list)
    text_ids: list[UUID] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    at: list[datetime] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    users: list[UUID | None] = field(default_factory=list)
    annotators: list[int] = field(default_factory=list)
    left_out: int = 0  # rows

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def truth(self) -> NDArray[np.str_]:
        return np.array(self.intents, np.str_)

    @property
    def groups(self) -> NDArray[np.int64]:
        """Half of each conversation's key, as a number. No two keyed hashes begin alike."""
        if not self.conversations:
            return np.empty(0, np.int64)
        keys = b"".join(key.bytes for key in self.conversations)
        return np.frombuffer(keys, ">i8")[::2].astype(np.int64)

    def paired(self, live: NDArray[np.str_], candidate: NDArray[np.str_]) -> Paired:
        return Paired(self.truth, live, candidate, self.groups)


def survey(
    dataset: DatasetVersion, *, side: str, share: float = 1.0, without: Collection[UUID] = ()
) -> Survey:
    """Read the rows that `dataset` keeps on `side`, in order.

    With a `share` below 1, so many of the conversations. `without`: texts that are left out.
    """
    found, names = Survey(), _names(dataset.bot)
    statement = READ.format(which=ALL if share >= 1 else SOME)
    values = {"version": dataset.pk, "side": side, "most": AT_ONCE, "share": share, "after": -1}
    while rows := run(statement, values):
        for _, intent, *row in rows:
            if row[2] in without:
                found.left_out += 1
            else:
                _append(found, names.get(intent, ""), row)
        values["after"] = rows[-1][0]
    return found


def _append(found: Survey, intent: str, row: Sequence[Any]) -> None:
    found.intents.append(intent)
    columns: tuple[list[Any], ...] = (
        *(found.turns, found.conversations, found.text_ids, found.texts, found.at),
        *(found.channels, found.languages, found.users, found.annotators),
    )
    for column, value in zip(columns, row, strict=True):
        column.append(value)  # in the order of READ


def _names(bot: Bot) -> dict[int | None, str]:
    names: dict[int | None, str] = {None: OUT_OF_SCOPE}
    names.update(names_of(bot).items())
    return names


LEARNED = f"""
SELECT DISTINCT learned.text_id FROM training_datasetrow learned
WHERE learned.version_id = ANY(%s) AND learned.side = 'train' AND learned.fate = {Fate.KEPT}
    AND learned.text_id IN (
        SELECT text_id FROM training_datasetrow
        WHERE version_id = %s AND side = 'audit' AND fate = {Fate.KEPT}
    )
"""  # noqa: S608  numbers of ours


def learned_texts(dataset: DatasetVersion, versions: Sequence[ModelVersion]) -> set[UUID]:
    """Texts of the audit that one of `versions` learned: somebody said them in the audit since."""
    datasets = [version.run.dataset_id for version in versions]
    return {text for (text,) in run(LEARNED, [datasets, dataset.pk])}


def slices_of(found: Survey) -> dict[str, NDArray[np.str_]]:
    """The value of each slice for each row; empty where it is not known."""
    return {
        "channel": np.array(found.channels, np.str_),
        "language": np.array(found.languages, np.str_),
        "text length": lengths(found.texts),
        "returning user": _returning(found),
    }


def _returning(found: Survey) -> NDArray[np.str_]:
    """Whether the end user had been heard of a day before, or longer ago."""
    users = list({user for user in found.users if user})
    first = dict(run(FIRST_SEEN, [users])) if users else {}
    said = [
        "" if user not in first else "yes" if (at - first[user]).days >= 1 else "no"
        for user, at in zip(found.users, found.at, strict=True)
    ]
    return np.array(said, np.str_)


# ── corrections ───────────────────────────────────────────────────────────────────────

MOST_REPLAYED = 5000
# What the bot had answered, or what was guessed, was another intent; or the label is another now.
# Labels that were moved when intents were changed are no corrections: nobody looked at each.
CORRECTED = f"""
SELECT kept.turn_id, kept.text_id, turn.text, called.intent_id
FROM training_datasetrow kept
JOIN training_datasetintent called ON called.id = kept.dataset_intent_id
JOIN annotation_goldlabel gold ON gold.id = kept.gold_label_id AND gold.change_id IS NULL
JOIN ingest_turn turn ON turn.event_id = kept.turn_id
LEFT JOIN annotation_reviewitem item ON item.turn_id = kept.turn_id
LEFT JOIN annotation_intent meant ON meant.id = called.intent_id
LEFT JOIN LATERAL (
    SELECT called_before.intent_id FROM training_datasetrow before
    JOIN training_datasetintent called_before ON called_before.id = before.dataset_intent_id
    WHERE before.turn_id = kept.turn_id AND before.version_id = %(before)s
        AND before.fate = {Fate.KEPT}
    LIMIT 1
) AS before ON true
WHERE kept.version_id = %(version)s AND kept.side = 'train' AND kept.fate = {Fate.KEPT}
    AND (before IS NULL OR before.intent_id IS DISTINCT FROM called.intent_id)
    AND (before IS NOT NULL
        OR COALESCE(NULLIF(turn.intent, ''), item.guess, '') NOT IN ('', COALESCE(meant.name, '')))
    AND (before IS NOT NULL OR NOT EXISTS (
        SELECT FROM annotation_intentalias alias WHERE alias.intent_id = meant.id
            AND lower(alias.name) = lower(COALESCE(NULLIF(turn.intent, ''), item.guess, ''))
    ))
ORDER BY kept.turn_id LIMIT %(most)s
"""  # noqa: S608  numbers of ours


@dataclass(frozen=True)
class Corrections:
    """Turns that people corrected since the dataset before."""

    turns: list[UUID]
    text_ids: list[UUID]
    texts: list[str]
    truth: NDArray[np.str_]


def corrections(dataset: DatasetVersion, *, since: DatasetVersion) -> Corrections:
    """Those whose corrections are new in `dataset`; at most 5,000, drawn by their keys."""
    values = {"version": dataset.pk, "before": since.pk, "most": MOST_REPLAYED}
    rows, names = run(CORRECTED, values), _names(dataset.bot)
    return Corrections(
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        np.array([names[row[3]] for row in rows], np.str_),
    )
