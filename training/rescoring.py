"""Draws the selection lane of a bot anew: scores the pool, and picks what to ask next.

Vectors come from the memory-mapped copy, never from the database; of texts only the closest calls
are read. While there is no model version, what is typical is picked.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Bot
from annotation import picking
from annotation.configuring import settings_of
from annotation.picking import Pick
from annotation.queueing import Writing
from ingest.models import Text, TextVector
from ingest.signals.symptoms import rounded_down
from ingest.vector_copy import VectorCopy, open_copy
from ml.classifiers import IntentClassifier
from ml.novelty import novelty_clusters
from ml.sampling import LOOKED_AT, draw_next, typiclust
from training import artifact_store
from training.collecting import makers_of
from training.deploying import leading_version
from training.models import ModelVersion, QueueDraw
from training.naming import names_now
from training.policies import HESITATES, MARGIN, NOVELTY, TYPICAL

# Some of what is picked has no turn that could be shown: all of them stand beside others.
SPARE = 1.1

SURE_OF_ONE = "Version {number} is {sure} sure of {only}."
NEW_TOPIC = "No intent seems to fit, and {others:,} other texts are much like it."
IS_TYPICAL = "Typical of what users say: {share:.1%} of all texts are like it."

Progress = Callable[[int, int, str], object]


def silently(done: int, total: int, message: str) -> None:
    """Tell nobody how far the work is."""


@dataclass(frozen=True)
class Pool:
    """What can be picked: rows of the copy, ascending."""

    copy: VectorCopy
    rows: NDArray[np.intp]

    def ids(self, rows: NDArray[np.intp]) -> list[UUID]:
        return [UUID(bytes=bytes(self.copy.ids[row])) for row in rows.tolist()]


def redraw(
    bot: Bot, *, on_progress: Progress = silently, writing: Writing = transaction.atomic
) -> QueueDraw:
    """Pick anew for `bot`, by the version that leads, if it has one.

    Raise ml.artifacts.ArtifactRefused where that cannot be read.
    """
    began, version = time.monotonic(), leading_version(bot)
    on_progress(0, 3, "Looking for what can be asked")
    newest = newest_vector(bot)
    pool = pool_of(bot, version)
    on_progress(1, 3, f"Scoring {len(pool.rows):,} texts")
    picks = picks_of(bot, pool, version)
    on_progress(2, 3, f"Queueing {len(picks):,} of them")
    picking.replace(bot, picks, writing=writing)
    with writing():
        drawn, _ = QueueDraw.objects.update_or_create(
            bot=bot,
            defaults={
                "model_version": version,
                "drawn_at": timezone.now(),
                "pool": len(pool.rows),
                "picked": len(picks),
                "novel": sum(pick.novel for pick in picks),
                "newest_vector": newest,
                "seconds": round(time.monotonic() - began, 3),
            },
        )
    return drawn


def newest_vector(bot: Bot) -> int:
    """The key of the newest vector; 0 without any."""
    return TextVector.objects.filter(bot=bot).aggregate(newest=Max("id"))["newest"] or 0


def pool_of(bot: Bot, version: ModelVersion | None) -> Pool:
    """All texts that have a vector and that nothing keeps from being picked."""
    maker = next(makers_of(bot, only=version.encoder if version else ""), None)
    if maker is None:
        raise LookupError(f"{bot} has no vectors of {version and version.encoder}")
    copy = open_copy(bot, maker)
    return Pool(copy, np.flatnonzero(~np.isin(_keys(copy.ids), _keys_of(picking.taken(bot)))))


def _keys(ids: NDArray[np.void]) -> NDArray[np.int64]:
    """Half of each key, as a number. No two keyed hashes begin alike."""
    return np.ascontiguousarray(ids).view("<i8")[::2]


def _keys_of(taken: bytes) -> NDArray[np.int64]:
    return np.frombuffer(taken, "<i8")[::2]


def picks_of(bot: Bot, pool: Pool, version: ModelVersion | None) -> list[Pick]:
    """What to ask next, by the shares of the bot's lanes."""
    settings = settings_of(bot)
    wanted = settings.random_stock
    novel = round(wanted * settings.novelty_percent / 100)
    if version is None:
        return _typical(pool, wanted)
    classifier = artifact_store.read(version).intents
    seed = version.run.seed
    new_topics = _new_topics(classifier, pool, novel, version, seed=seed)
    return [*new_topics, *_close_calls(classifier, pool, wanted, version, seed=seed,
                                       besides={pick.text for pick in new_topics})]  # fmt: skip


def _typical(pool: Pool, wanted: int) -> list[Pick]:
    rows = pool.rows
    if len(rows) > LOOKED_AT:
        rows = np.sort(np.random.default_rng(0).choice(rows, LOOKED_AT, replace=False))
    drawn = typiclust(pool.copy.vectors[rows], n=round(wanted * SPARE), random_state=0)
    ids = pool.ids(rows[drawn.rows])
    return [
        Pick(
            text,
            TYPICAL,
            IS_TYPICAL.format(share=share),
            useful=1 - place / max(len(ids), 1),
        )
        for place, (text, share) in enumerate(zip(ids, drawn.value.tolist(), strict=True))
    ]


def _close_calls(
    classifier: IntentClassifier,
    pool: Pool,
    wanted: int,
    version: ModelVersion,
    *,
    seed: int,
    besides: set[UUID],
) -> list[Pick]:
    drawn = draw_next(
        classifier, pool.copy.vectors, n=round(wanted * SPARE), random_state=seed, among=pool.rows,
        texts=lambda rows: _texts_of(pool.ids(rows)),
    )  # fmt: skip
    guessed = _guessed(classifier, pool, drawn.rows, version)
    return [
        Pick(
            text,
            MARGIN,
            _hesitation(version, guesses),
            useful=1 - place / (2 * len(guessed)),  # before what is queued as it comes
            guesses=guesses,
            margin=_margin_of(guesses),
            guessed_by=str(version),
        )
        for place, (text, guesses) in enumerate(guessed)
        if text not in besides
    ]


def _new_topics(
    classifier: IntentClassifier, pool: Pool, wanted: int, version: ModelVersion, *, seed: int
) -> list[Pick]:
    found = novelty_clusters(
        classifier, pool.copy.vectors, n=wanted, random_state=seed, among=pool.rows
    )
    guessed = _guessed(classifier, pool, found.rows, version)
    return [
        Pick(
            text,
            NOVELTY,
            NEW_TOPIC.format(others=size - 1),
            useful=1 - place / max(len(guessed), 1),
            guesses=guesses,
            margin=_margin_of(guesses),
            guessed_by=str(version),
            novel=True,
        )
        for place, ((text, guesses), size) in enumerate(
            zip(guessed, found.size.tolist(), strict=True)
        )
    ]


def _guessed(
    classifier: IntentClassifier, pool: Pool, rows: NDArray[np.intp], version: ModelVersion
) -> list[tuple[UUID, list[dict[str, Any]]]]:
    """Each text with the five likeliest intents, by all that the version knows of it."""
    ids = pool.ids(rows)
    names, proba = classifier.top_k(_texts_of(ids), np.asarray(pool.copy.vectors[rows]))
    now = names_now(version)
    return [
        (text, _guesses(best, shares, now))
        for text, best, shares in zip(ids, names.tolist(), proba.tolist(), strict=True)
    ]


def _texts_of(ids: Sequence[UUID]) -> list[str]:
    said = dict(Text.objects.filter(pk__in=ids).values_list("pk", "text"))
    return [said.get(text, "") for text in ids]  # one may have been erased since


def _guesses(
    names: Sequence[str], shares: Sequence[float], now: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Best first, as they are called now. What was merged since counts as one."""
    sure: dict[str, float] = {}
    for name, share in zip(names, shares, strict=True):
        called = now.get(name, name)
        sure[called] = sure.get(called, 0.0) + share
    best_first = sorted(sure.items(), key=lambda each: -each[1])
    return [{"intent": name, "confidence": round(min(share, 1.0), 6)} for name, share in best_first]


def _hesitation(version: ModelVersion, guesses: list[dict[str, Any]]) -> str:
    if len(guesses) == 1:  # the others were merged into it since
        (only,) = guesses
        sure = rounded_down(only["confidence"])
        return SURE_OF_ONE.format(number=version.number, sure=sure, only=only["intent"])
    first, second = guesses[:2]
    return HESITATES.format(
        number=version.number,
        first=first["intent"],
        sure=rounded_down(first["confidence"]),
        second=second["intent"],
        less=rounded_down(second["confidence"]),
    )


def _margin_of(guesses: list[dict[str, Any]]) -> float:
    """Best minus second-best, from 0 to 1."""
    if len(guesses) == 1:
        return float(guesses[0]["confidence"])
    first, second = guesses[:2]
    return round(max(float(first["confidence"] - second["confidence"]), 0.0), 6)
