"""Keeps the versions that answer in the memory of this process: each is read once.

The champion and the one before it stay, so going back takes no time, and the newest version is
read before anybody promotes it. Whatever else is promoted is read beside the one that answers: a
question waits for it a moment, and is then answered by the one before rather than not at all.
What does not verify never answers.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillReading
from dataclasses import dataclass, replace
from threading import Lock

import structlog
from django.conf import settings

from ml.encoders import encoder_called
from serving import troubles
from serving.answering import Answerer, made_ready
from serving.callers import Live
from serving.gathering import Together
from serving.measuring import LOAD_SECONDS
from training import artifact_store
from training.models import ModelVersion
from training.naming import names_now

logger = structlog.get_logger(__name__)

PATIENCE = 2.0  # seconds that a question waits for its version while another could answer
LONGEST = 20.0  # the same where no other can
TRIED_AGAIN_AFTER = 30.0  # seconds, for what was refused: somebody may have restored it
NAMES_FOR = 10.0  # seconds that names of intents are kept before they are read again

NO_ENCODER = (
    "It reads vectors of {encoder}, which is not installed here. Install it, or promote a version "
    "of another encoder."
)


STORE_AWAY = "Its artifact could not be read. The log has the reason; it is tried again by itself."


class Unreadable(Exception):
    """The version cannot answer; `str()` of it says why."""


class NotReadyYet(Exception):
    """No version of the bot is in memory, and reading one takes longer than anybody waits."""


@dataclass
class _Kept:
    """A version in memory, and how its intents were called last."""

    version: ModelVersion
    answerer: Answerer
    named_at: float


class Versions:
    """The versions that this process has in memory, those used last at the end."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._coming: dict[int, tuple[ModelVersion, Future[Answerer]]] = {}
        self._refused: dict[int, float] = {}
        self._together: dict[str, Together] = {}
        self._threads: ThreadPoolExecutor | None = None

    def answering(self, live: Live) -> Answerer | None:
        """The version that answers: the champion, or the one before where that cannot.

        None where neither can. Raise NotReadyYet.
        """
        wait = PATIENCE if live.previous in self._kept else LONGEST
        for version_id in (live.champion, live.previous):
            if version_id is None:
                continue
            found = self._ready(version_id, wait=wait)
            if found is not None:
                self._read_ahead(live.previous)
                self._read_ahead(live.newest)
                return found
            wait = LONGEST
        return None

    def at_hand(self, live: Live) -> Answerer | None:
        """The champion, if it is in memory: then nobody waits."""
        return self.answering(live) if live.champion in self._kept else None

    def forget_all(self) -> None:
        with self._lock:
            self._kept.clear()
            self._coming.clear()
            self._refused.clear()

    # ── one version ───────────────────────────────────────────────────────────────────

    def _ready(self, version_id: int, *, wait: float) -> Answerer | None:
        """The version, if it can be had in time."""
        kept = self._kept.get(version_id)
        if kept is None:
            if self._was_refused(version_id):
                return None
            kept = self._arrived(version_id, wait=wait)
        if kept is None:
            return None
        with self._lock:
            if version_id in self._kept:
                self._kept.move_to_end(version_id)
        return self._called_as_now(kept)

    def _was_refused(self, version_id: int) -> bool:
        until = self._refused.get(version_id)
        return until is not None and self._clock() < until

    def _arrived(self, version_id: int, *, wait: float) -> _Kept | None:
        version, coming = self._asked_for(version_id)
        try:
            answerer = coming.result(timeout=wait)
        except StillReading:
            if wait == LONGEST:
                raise NotReadyYet from None
            return None
        except Unreadable as reason:
            self._refuse(version, str(reason))
            return None
        except Exception as error:  # noqa: BLE001  a store that is away, a full memory: what is warm answers
            logger.exception("version_not_read", exc_info=error)
            self._refuse(version, STORE_AWAY)
            return None
        return self._keep(version, answerer)

    def _asked_for(self, version_id: int) -> tuple[ModelVersion, Future[Answerer]]:
        """What is being read; of all who want it, the first has it read."""
        with self._lock:
            if version_id in self._coming:
                return self._coming[version_id]
        # Rows are read here: the thread that reads files takes no connection from the pool.
        version = ModelVersion.objects.select_related("bot", "run__dataset").get(pk=version_id)
        with self._lock:
            if version_id not in self._coming:
                self._threads = self._threads or ThreadPoolExecutor(1, "versions")
                self._coming[version_id] = version, self._threads.submit(self._read, version)
            return self._coming[version_id]

    def _read(self, version: ModelVersion) -> Answerer:
        """In a thread of its own: from the file to what has answered once."""
        from ml.artifacts import ArtifactRefused

        began = time.perf_counter()
        try:
            artifact = artifact_store.read(version)
        except ArtifactRefused as reason:
            raise Unreadable(str(reason)) from None
        encode = self._encoding(version.encoder)
        answerer = made_ready(artifact, version_id=version.pk, number=version.number, encode=encode)
        answerer.answers(["hello"])  # weights are read at first use
        LOAD_SECONDS.observe(time.perf_counter() - began)
        return answerer

    def _encoding(self, encoder_version: str) -> Together:
        with self._lock:
            known = self._together.get(encoder_version)
        if known is not None:
            return known
        encoder = encoder_called(encoder_version)
        if encoder is None:
            raise Unreadable(NO_ENCODER.format(encoder=encoder_version))
        encode = encoder.for_few()
        with self._lock:
            return self._together.setdefault(encoder_version, Together(encode))

    def _keep(self, version: ModelVersion, answerer: Answerer) -> _Kept:
        kept = _Kept(version, answerer, named_at=-NAMES_FOR)
        with self._lock:
            self._coming.pop(version.pk, None)
            self._refused.pop(version.pk, None)
            self._kept[version.pk] = kept
            while len(self._kept) > settings.WARM_VERSIONS:
                self._kept.popitem(last=False)
        troubles.forget(version)
        logger.info("version_loaded", version=version.number, bot_id=version.bot_id)
        return kept

    def _refuse(self, version: ModelVersion, reason: str) -> None:
        with self._lock:
            self._coming.pop(version.pk, None)
            self._refused[version.pk] = self._clock() + TRIED_AGAIN_AFTER
        troubles.note(version, reason)
        logger.error("version_refused", version=version.number, bot_id=version.bot_id, why=reason)

    def _called_as_now(self, kept: _Kept) -> Answerer:
        """With the names that its intents have today."""
        now = self._clock()
        if now - kept.named_at >= NAMES_FOR:
            kept.named_at = now
            names = names_now(kept.version)
            learned = kept.answerer.intents.classes_.tolist()
            classes = tuple(names.get(name, name) for name in learned)
            if classes != kept.answerer.classes:
                kept.answerer = replace(kept.answerer, classes=classes)
        return kept.answerer

    def _read_ahead(self, version_id: int | None) -> None:
        """Have in memory what may be promoted, or gone back to, before somebody does."""
        if version_id is None or version_id in self._kept or self._was_refused(version_id):
            return
        _, coming = self._asked_for(version_id)
        if coming.done():
            self._ready(version_id, wait=PATIENCE)


VERSIONS = Versions()
