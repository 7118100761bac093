"""What the server answers, and what is raised where it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Alternative:
    intent: str
    confidence: float


@dataclass(frozen=True)
class Entity:
    """A span of the text that was sent, in code points; `end` is excluded."""

    type: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Prediction:
    """What the live model version takes a text for. It is on the server's disk.

    `intent` is None exactly where it is out of scope. `confidence` is of the likeliest intent.
    """

    prediction_id: str
    intent: str | None
    confidence: float
    alternatives: tuple[Alternative, ...]
    entities: tuple[Entity, ...]
    out_of_scope: bool
    model_version: int
    arm: str


@dataclass(frozen=True)
class Receipt:
    """What became of events that were sent: new ones are on disk, the others were before."""

    accepted: int = 0
    duplicates: int = 0

    def __add__(self, other: Receipt) -> Receipt:
        return Receipt(self.accepted + other.accepted, self.duplicates + other.duplicates)


class Refused(Exception):
    """The server said no. `message` is for whoever runs the bot; `field` is what it is about."""

    def __init__(self, status: int, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.field = field


class NoVersion(Refused):
    """No model version is live, so nothing answers. What was asked waits for people.

    `prediction_ids` name the turns, in order, for events and feedback about them.
    """

    prediction_ids: tuple[str, ...] = ()


class Unreachable(Exception):
    """No answer came, or only ones that ask for patience, in all attempts.

    What was sent may have been stored: sending it again with the same id is safe.
    """


def prediction(said: dict[str, Any]) -> Prediction:
    return Prediction(
        prediction_id=said["prediction_id"],
        intent=said["intent"],
        confidence=said["confidence"],
        alternatives=tuple(
            Alternative(each["intent"], each["confidence"]) for each in said["alternatives"]
        ),
        entities=tuple(
            Entity(each["type"], each["start"], each["end"], each["text"])
            for each in said["entities"]
        ),
        out_of_scope=said["out_of_scope"],
        model_version=said["model_version"],
        arm=said["arm"],
    )


def refusal(response: httpx.Response) -> Refused:
    """What the body of an error says; a proxy in between may have written anything."""
    body: dict[str, Any] = {}
    try:
        body = response.json()
        said = body["error"]
        code, message, about = str(said["code"]), str(said["message"]), said.get("field")
    except (ValueError, KeyError, TypeError, AttributeError):
        code, message, about = "unknown", f"The server answered {response.status_code}.", None
    if code != "no_version":
        return Refused(response.status_code, code, message, field=about)
    refused = NoVersion(response.status_code, code, message, field=about)
    refused.prediction_ids = tuple(body.get("prediction_ids", ()))
    return refused
