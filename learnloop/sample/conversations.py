"""The events of the sample bot: 320 conversations in the 30 days before a moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from random import Random
from typing import Any

from learnloop.sample import clock
from learnloop.sample.hearing import Ear
from learnloop.sample.opinions import opinion
from learnloop.sample.scenes import play
from learnloop.sample.talking import Exchange, Talk
from learnloop.sample.typing_style import Style

Event = dict[str, Any]

CONVERSATIONS = 320
CUSTOMERS = 120
SWITCHING = 5  # conversations that go on in the other language
SECOND_VERSION = timedelta(days=10)  # before the end
ALL_THE_TIME = timedelta(days=clock.DAYS + 1)

USUALLY_BROKEN, OUTAGE_BROKEN = 0.01, 0.6  # shares of first sentences that end in an error


@dataclass(frozen=True)
class Version:
    name: str
    since: datetime
    ear: Ear


@dataclass(frozen=True)
class Customer:
    user_id: str
    language: str
    channel: str
    style: Style
    visits: float  # how often they write, beside the others


def events(*, seed: int, until: datetime) -> Iterator[Event]:
    """Yield every event in the order of time. The same arguments give the same events."""
    rng = Random(seed)  # noqa: S311 - made-up conversations, no secret
    customers = [_customer(rng, number) for number in range(1, CUSTOMERS + 1)]
    starts = sorted(clock.start(rng, until=until) for _ in range(CONVERSATIONS))
    switching = set(rng.sample(range(CONVERSATIONS), SWITCHING))
    versions = _versions(until)
    told = []
    for number, (who, start) in enumerate(zip(_callers(rng, customers), starts, strict=True)):
        talk = _talk(rng, who, start, versions=versions, until=until)
        play(talk, switches=number in switching)
        told.append(_dressed(rng, talk, who, name=f"sample-{number:04}", versions=versions))
    yield from sorted(chain.from_iterable(told), key=_moment)


def _callers(rng: Random, customers: list[Customer]) -> list[Customer]:
    """Who has each conversation: everybody once, and some again."""
    again = rng.choices(
        customers, [each.visits for each in customers], k=CONVERSATIONS - len(customers)
    )
    return rng.sample([*customers, *again], CONVERSATIONS)


def _versions(until: datetime) -> list[Version]:
    """The model versions, newest first. The second one is the better one."""
    return [
        Version("sample-2", until - SECOND_VERSION, Ear(confused=0.06, lost=0.03, hard=3)),
        Version("sample-1", until - ALL_THE_TIME, Ear(confused=0.16, lost=0.1, hard=2.5)),
    ]


def _live(versions: list[Version], moment: datetime) -> Version:
    return next(version for version in versions if moment >= version.since)


def _moment(event: Event) -> datetime:
    return datetime.fromisoformat(event["timestamp"])


def _customer(rng: Random, number: int) -> Customer:
    channel = rng.choices(("web", "app", "whatsapp"), (45, 33, 22))[0]
    return Customer(
        user_id=f"customer-{number}",
        language=rng.choices(("en", "es"), (75, 25))[0],
        channel=channel,
        style=Style.draw(rng, channel=channel),
        visits=0.3 + rng.expovariate(1),
    )


def _talk(
    rng: Random, who: Customer, start: datetime, *, versions: list[Version], until: datetime
) -> Talk:
    down = clock.outage(start, until=until)
    return Talk(
        rng=rng,
        style=who.style,
        ear=_live(versions, start).ear,
        broken=OUTAGE_BROKEN if down else USUALLY_BROKEN,
        language=who.language,
        at=start,
    )


def _dressed(
    rng: Random, talk: Talk, who: Customer, *, name: str, versions: list[Version]
) -> list[Event]:
    """The events of a conversation with all that surrounds what was said."""
    frame = {"conversation_id": name, "channel": who.channel, "user_id": who.user_id}
    made = [{**frame, **event} for event in _told(rng, talk)]
    return _numbered(_stamped(rng, made, start=talk.at, versions=versions), name=name)


def _told(rng: Random, talk: Talk) -> Iterator[Event]:
    """The events of a conversation without ids and times. `about` still is a place."""
    view = opinion(rng, talk)
    for place, exchange in enumerate(talk.turns):
        yield _turn(rng, exchange)
        # A thumb is on the answer itself; everything else is asked for at the end.
        if view and "thumb" in view[1] and view[0] == place:
            yield _feedback(view, exchange)
            view = None
    last = talk.turns[-1]
    if talk.ending == "escalated":
        yield {"kind": "escalation", "language": last.language}
    if view:
        yield _feedback(view, last)
    if rng.random() < (0 if talk.ending == "silent" else 0.8):
        yield {"kind": "closed", "language": last.language}


def _turn(rng: Random, exchange: Exchange) -> Event:
    guess = exchange.guess
    event = {
        "kind": "turn",
        "language": exchange.language,
        "user_input": exchange.said.text,
        "bot_response": exchange.reply,
        "intent_detected": guess.intent,
        "confidence": guess.confidence,
        "alternatives": [
            {"intent": intent, "confidence": confidence}
            for intent, confidence in guess.alternatives
        ],
        "entities_extracted": [dict(entity) for entity in exchange.said.entities],
        "dialog_state": exchange.state,
        "latency_ms": clock.latency_ms(rng, failed=bool(exchange.error)),
    }
    return {**event, "error_message": exchange.error} if exchange.error else event


def _feedback(view: tuple[int | None, Event], exchange: Exchange) -> Event:
    place, said = view
    event = {"kind": "feedback", "language": exchange.language, "feedback": said}
    return event if place is None else {**event, "about": place}


def _stamped(
    rng: Random, made: list[Event], *, start: datetime, versions: list[Version]
) -> Iterator[Event]:
    moment = start
    for event in made:
        if event["kind"] == "turn":
            event["model_version"] = _live(versions, moment).name
        yield {**event, "timestamp": moment.isoformat()}
        moment += clock.pause(rng)


def _numbered(stamped: Iterator[Event], *, name: str) -> list[Event]:
    """Give every event its id, and put the id of a turn where `about` was its place."""
    numbered = [{"event_id": f"{name}-{n}", **event} for n, event in enumerate(stamped, start=1)]
    turns = [event["event_id"] for event in numbered if event["kind"] == "turn"]
    for event in numbered:
        if "about" in event:
            event["about"] = turns[event["about"]]
    return numbered
