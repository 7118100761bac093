"""The client: one object for one bot, safe to share between threads."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, TypeVar

import httpx

from learnloop_client import signing
from learnloop_client.answers import Prediction, Receipt, prediction, refusal
from learnloop_client.events import Event, Question, Thumb
from learnloop_client.retrying import Retry

MOST_EVENTS = 1000  # of a request
MOST_TURNS = 256  # of one that predicts
Item = TypeVar("Item")
TIMEOUT = httpx.Timeout(30.0, connect=5.0)  # seconds


class Client:
    """Sends what a bot heard and said, and asks what users mean.

    `webhook_secret` signs events, `api_key` lets it predict and give feedback; each may be left
    out where the other is all that is needed. Trouble that passes is waited for (`retry`), then
    `Unreachable` is raised; what the server refuses for good raises `Refused`.
    """

    def __init__(
        self,
        url: str,
        *,
        bot: str = "",
        webhook_secret: str = "",
        api_key: str = "",
        retry: Retry | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._bot = bot
        self._key = signing.key_of(webhook_secret) if webhook_secret else None
        self._bearer = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._retry = retry or Retry()
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT, transport=transport)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # ── events ────────────────────────────────────────────────────────────────────────

    def send(self, *events: Event) -> Receipt:
        """Have events stored; when this returns they are on the server's disk."""
        return self.send_all(events)

    def send_all(self, events: Iterable[Event]) -> Receipt:
        """Have any number of events stored, in requests of up to a thousand.

        Each request is stored whole or not at all. After an exception, sending the same Event
        objects again stores nothing twice.
        """
        receipt = Receipt()
        for some in _batches(events, MOST_EVENTS):
            receipt += self._send_batch([event.as_json() for event in some])
        return receipt

    def _send_batch(self, events: list[dict[str, Any]]) -> Receipt:
        if self._key is None or not self._bot:
            raise ValueError("Events need a bot and its webhook_secret.")
        key = self._key
        content = events[0] if len(events) == 1 else {"events": events}
        body = json.dumps(content).encode()
        # The same id in each attempt: the server knows a copy by it.
        webhook_id = f"msg_{uuid.uuid4().hex}"

        def attempt() -> httpx.Response:
            headers = signing.signed_headers(
                body, key=key, webhook_id=webhook_id, timestamp=int(time.time())
            )
            return self._http.post(
                "/api/v1/events", params={"bot": self._bot}, content=body, headers=headers
            )

        answer = self._answer(attempt)
        return Receipt(answer["accepted"], answer["duplicates"])

    # ── predictions and feedback ──────────────────────────────────────────────────────

    def predict(self, text: str, *, conversation_id: str, **more: Any) -> Prediction:
        """What the user means by `text`. `more` are further fields of a Question.

        The turn is stored with its answer, so no event has to say it again; one with its
        `prediction_id` adds what the bot said. Raise NoVersion while nothing answers.
        """
        question = Question(conversation_id, text, **more)
        return prediction(self._post("/api/v1/predict", question.as_json()))

    def predict_all(self, questions: Iterable[Question]) -> list[Prediction]:
        """The answers to any number of questions, in their order, 256 at a time."""
        answers: list[Prediction] = []
        for some in _batches(questions, MOST_TURNS):
            turns = [question.as_json() for question in some]
            found = self._post("/api/v1/predict", {"turns": turns})
            answers += [prediction(each) for each in found["predictions"]]
        return answers

    def feedback(
        self,
        *,
        prediction_id: str | None = None,
        conversation_id: str | None = None,
        about: str | None = None,
        thumb: Thumb | None = None,
        rating: int | None = None,
        reported: bool = False,
        comment: str = "",
        escalated: bool = False,
        feedback_id: str | None = None,
    ) -> bool:
        """Store what the end user said of a turn; False where it was stored before.

        The turn is that of `prediction_id`, else the one that `about` names in `conversation_id`,
        else its last.
        """
        said = {
            "prediction_id": prediction_id,
            "conversation_id": conversation_id,
            "about": about,
            "thumb": thumb,
            "rating": rating,
            "reported": reported,
            "comment": comment,
            "escalated": escalated,
            # The same in each attempt.
            "feedback_id": feedback_id or uuid.uuid4().hex,
        }
        sent = {name: value for name, value in said.items() if value not in (None, False, "")}
        return bool(self._post("/api/v1/feedback", sent)["status"] == "accepted")

    # ── what both do ──────────────────────────────────────────────────────────────────

    def _post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        if not self._bearer:
            raise ValueError("This needs an api_key.")
        return self._answer(lambda: self._http.post(path, json=content, headers=self._bearer))

    def _answer(self, attempt: Callable[[], httpx.Response]) -> dict[str, Any]:
        response = self._retry.send(attempt)
        if not response.is_success:
            raise refusal(response)
        answer: dict[str, Any] = response.json()
        return answer


def _batches(items: Iterable[Item], most: int) -> Iterator[Sequence[Item]]:
    left = iter(items)
    while some := list(islice(left, most)):
        yield some
