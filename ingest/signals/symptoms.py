"""What the bot itself said of a turn: it was unsure, it failed, it was slow."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal

from ingest.signals.hints import Hint
from ingest.signals.rows import Transcript, TurnRow

Guess = tuple[float, str]  # confidence, intent

# 0.41 - 0.31 is a hair less than 0.1 to a computer, and not to people.
A_HAIR = 9  # decimals
LONGEST_QUOTE = 200  # characters


def low_confidence(transcript: Transcript, threshold: float) -> Iterator[Hint]:
    for turn in transcript.turns:
        if turn.confidence is not None and turn.confidence < threshold:
            of_what = f" of {turn.intent}" if turn.intent else ""
            sure, limit = rounded_down(turn.confidence), rounded_down(threshold)
            yield turn, f"The bot was {sure} sure{of_what}, less than {limit}."


def small_margin(transcript: Transcript, threshold: float) -> Iterator[Hint]:
    for turn in transcript.turns:
        guesses = two_best(turn)
        if guesses and margin(*guesses) < threshold:
            one, other = (
                f"{intent or 'no intent'} {rounded_down(sure)}" for sure, intent in guesses
            )
            limit = rounded_down(threshold)
            yield turn, f"The bot hesitated between {one} and {other}: less than {limit} apart."


def bot_error(transcript: Transcript, _: float) -> Iterator[Hint]:
    for turn in transcript.turns:
        if turn.error:
            yield turn, f"The bot reported an error: {_quoted(turn.error)}"


def slow_answer(transcript: Transcript, threshold: float) -> Iterator[Hint]:
    for turn in transcript.turns:
        if turn.latency_ms is not None and turn.latency_ms >= threshold:
            yield turn, f"The answer took {turn.latency_ms / 1000:.1f} s."


def two_best(turn: TurnRow) -> tuple[Guess, Guess] | None:
    """Return the two surest guesses of a turn, best first; None if the bot named fewer."""
    if not turn.alternatives:
        return None
    named = bool(turn.intent) and turn.confidence is not None
    guesses = [
        (each["confidence"], each.get("intent", ""))
        for each in turn.alternatives
        if "confidence" in each and not (named and each.get("intent") == turn.intent)
    ]
    if named and turn.confidence is not None:
        guesses.append((turn.confidence, turn.intent))
    # By name where they are equally sure, so that the sentence is always the same.
    best = sorted(guesses, key=lambda guess: (-guess[0], guess[1]))[:2]
    return (best[0], best[1]) if len(best) == 2 else None


def margin(best: Guess, second: Guess) -> float:
    return round(best[0] - second[0], A_HAIR)


def rounded_down(share: float) -> str:
    """Write a share with two decimals. Rounded up, what is below a threshold could equal it."""
    return str(Decimal(repr(float(share))).quantize(Decimal("0.01"), rounding=ROUND_DOWN))


def _quoted(error: str) -> str:
    words = " ".join(error[: LONGEST_QUOTE * 2].split())
    return words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1] + "…"
