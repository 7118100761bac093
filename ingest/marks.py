"""How signals, outcomes and kinds of events look: a word, a picture, and a tone beside them."""

from dataclasses import dataclass

from ingest.models import Conversation, Feedback, IncomingEvent, Signal


@dataclass(frozen=True, slots=True)
class Mark:
    """A badge. The word alone says it; `icon` is in static/icons.svg."""

    text: str
    icon: str = ""
    tone: str = "neutral"


_ICONS = {
    Signal.Kind.THUMBS_DOWN: ("thumb-down", "bad"),
    Signal.Kind.LOW_RATING: ("star", "bad"),
    Signal.Kind.REPORT: ("flag", "bad"),
    Signal.Kind.ESCALATION: ("user", "warn"),
    Signal.Kind.ABANDONMENT: ("log-out", "warn"),
    Signal.Kind.REPETITION: ("reload", "warn"),
    Signal.Kind.LOW_CONFIDENCE: ("help", "info"),
    Signal.Kind.SMALL_MARGIN: ("help", "info"),
    Signal.Kind.BOT_ERROR: ("bad", "bad"),
    Signal.Kind.SLOW_ANSWER: ("clock", "info"),
}
_SIGNALS = {kind.value: Mark(kind.label, *_ICONS[kind]) for kind in Signal.Kind}
_OUTCOMES = {
    Conversation.Outcome.OPEN: Mark("Open", "chat", "info"),
    Conversation.Outcome.CLOSED: Mark("Closed", "good", "good"),
    Conversation.Outcome.ESCALATED: Mark("Escalated", "user", "warn"),
    Conversation.Outcome.ABANDONED: Mark("Abandoned", "log-out", "warn"),
}
_EVENTS = {
    IncomingEvent.Kind.TURN: "chat",
    IncomingEvent.Kind.FEEDBACK: "flag",
    IncomingEvent.Kind.ESCALATION: "user",
    IncomingEvent.Kind.CLOSED: "check",
}


def signal(kind: str) -> Mark:
    return _SIGNALS.get(kind) or Mark(kind, "flag")


def signals(kinds: list[str]) -> list[Mark]:
    """Those of `kinds`, the loudest first."""
    loudness = ("bad", "warn", "info", "neutral")
    return sorted(map(signal, kinds), key=lambda mark: loudness.index(mark.tone))


def outcome(kind: str) -> Mark:
    return _OUTCOMES[Conversation.Outcome(kind)]


def event(kind: str) -> Mark:
    known = IncomingEvent.Kind(kind)
    return Mark(known.label, _EVENTS[known])


def feedback(said: Feedback) -> list[Mark]:
    """A mark for each thing that it says, the comment aside."""
    found = []
    if said.thumb == Feedback.Thumb.UP:
        found.append(Mark("Thumbs up", "thumb-up", "good"))
    if said.thumb == Feedback.Thumb.DOWN:
        found.append(Mark("Thumbs down", "thumb-down", "bad"))
    if said.rating is not None:
        found.append(Mark(f"Rated {said.rating} of 5", "star", _tone_of(said.rating)))
    if said.reported:
        found.append(Mark("Reported", "flag", "bad"))
    return found


def _tone_of(rating: int) -> str:
    return "bad" if rating <= 2 else "good" if rating >= 4 else "neutral"
