"""The bot of a replay and its users, played: asks what is meant, answers, and passes on opinions.

It goes through the public API with the client that bots use. Every id follows from the replay and
the place in the file, so what was sent before a stop and comes again is stored once.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from learnloop_client import Client, Event, NoVersion, Prediction, Question

from replay.reading import OUT_OF_SCOPE, Material, Said, Talk

AT_ONCE = 50  # turns
PAUSE = 0.2  # seconds
SORRY = "Sorry, I did not understand that."
HERE = "Here is what I know about {intent}."
ESCALATED = 0.1  # share of the wrong answers that are spoken of, after which a person takes over
STEP = timedelta(milliseconds=20)  # between two turns


@dataclass(frozen=True)
class Due:
    """One turn of the traffic."""

    number: int
    talk: Talk
    said: Said
    is_last: bool


@dataclass
class Counts:
    """What came by so far, and how it was answered."""

    sent: int = 0
    answered: int = 0
    right: int = 0
    outside: int = 0  # that no intent fits
    outside_answered: int = 0
    outside_flagged: int = 0
    rated: int = 0

    def add(self, due: Due, answer: Prediction | None) -> None:
        self.sent += 1
        is_outside = due.said.intent == OUT_OF_SCOPE
        self.outside += is_outside
        if answer is not None:
            self.answered += 1
            self.right += is_right(due.said, answer)
            self.outside_answered += is_outside
            self.outside_flagged += is_outside and answer.out_of_scope


def is_right(said: Said, answer: Prediction) -> bool:
    if said.intent == OUT_OF_SCOPE:
        return answer.out_of_scope
    return answer.intent == said.intent


def traffic(material: Material) -> Iterator[Due]:
    """The turns of all conversations, one conversation after the other."""
    number = 0
    for talk in material.talks:
        for place, said in enumerate(talk.turns):
            yield Due(number, talk, said, is_last=place + 1 == len(talk.turns))
            number += 1


@dataclass
class Streamer(threading.Thread):
    """Sends what is due, and waits for more. `counts` grow; `points` has windows of them."""

    client: Client
    material: Material
    name_of: Any  # of a conversation, from that in the file
    rated: float
    seed: str
    since: datetime  # when the first turn was
    counts: Counts
    windows: list[list[int]] = field(default_factory=list)  # [sent, answered, right] up to then
    trouble: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(name="traffic", daemon=True)
        self._due = self.counts.sent
        self._stopping = threading.Event()
        self._left = islice(traffic(self.material), self.counts.sent, None)
        self._end = self.material.turns

    def __hash__(self) -> int:
        return id(self)

    def allow(self, turns: int) -> None:
        self._due = min(turns, self._end)

    @property
    def is_even(self) -> bool:
        """Whether all that is due was sent."""
        return self.counts.sent >= self._due

    @property
    def is_over(self) -> bool:
        return self.counts.sent >= self._end

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        try:
            while not self._stopping.is_set() and not self.is_over:
                some = list(islice(self._left, min(AT_ONCE, self._due - self.counts.sent)))
                if some:
                    self._send(some)
                else:
                    self._stopping.wait(PAUSE)
        except Exception as error:  # noqa: BLE001  # told by whoever waits for the traffic
            self.trouble = error

    def _send(self, some: list[Due]) -> None:
        answers, ids = self._answers(some)
        self.client.send_all(self._events(some, answers, ids))
        for due, answer, prediction_id in zip(some, answers, ids, strict=True):
            self._speak(due, answer, prediction_id)
            self.counts.add(due, answer)
        self.windows.append([self.counts.sent, self.counts.answered, self.counts.right])

    def _answers(self, some: list[Due]) -> tuple[list[Prediction | None], list[str]]:
        questions = [
            Question(
                self.name_of(due.talk),
                due.said.text,
                event_id=self._id(due),
                timestamp=self._at(due),
            )
            for due in some
        ]
        try:
            answers = self.client.predict_all(questions)
        except NoVersion as waiting:
            return [None] * len(some), list(waiting.prediction_ids)
        return list(answers), [answer.prediction_id for answer in answers]

    def _events(
        self,
        some: list[Due],
        answers: list[Prediction | None],
        ids: list[str],
    ) -> Iterator[Event]:
        """What the bot said to each turn, and that conversations are over."""
        for due, answer, prediction_id in zip(some, answers, ids, strict=True):
            talk = self.name_of(due.talk)
            yield Event(
                talk,
                event_id=f"{self._id(due)}-said",
                timestamp=self._at(due),
                bot_response=due.said.response or _spoken(answer),
                prediction_id=prediction_id,
            )
            if due.is_last:
                yield Event(
                    talk, kind="closed", event_id=f"{self._id(due)}-end", timestamp=self._at(due)
                )

    def _speak(self, due: Due, answer: Prediction | None, prediction_id: str) -> None:
        """A few users say whether they were content; of the others, some want a person."""
        dice = random.Random(f"{self.seed}-{due.number}")  # noqa: S311
        if answer is None or due.said.intent is None or dice.random() >= self.rated:
            return
        right = is_right(due.said, answer)
        self.counts.rated += 1
        self.client.feedback(
            prediction_id=prediction_id,
            thumb="up" if right else "down",
            escalated=not right and dice.random() < ESCALATED,
            feedback_id=f"{self._id(due)}-opinion",
        )

    def _at(self, due: Due) -> datetime:
        """The same whenever it is sent: what comes again must be what came before."""
        return self.since + STEP * due.number

    def _id(self, due: Due) -> str:
        return f"{self.seed}-{due.number}"


def _spoken(answer: Prediction | None) -> str:
    return HERE.format(intent=answer.intent) if answer and answer.intent else SORRY
