"""What the end user did: an opinion, a call for help, leaving, saying it again."""

from collections.abc import Iterator
from functools import partial

from ingest.signals.rows import FeedbackRow, Transcript, TurnRow
from ml.near_duplicates import WORD, alike, shingles
from ml.normalising import normalised

Hint = tuple[TurnRow, str]  # the turn, and why, for people

LOOK_BACK = 20  # turns
ABANDONED = "abandoned"


def thumbs_down(transcript: Transcript, _: float) -> Iterator[Hint]:
    for turn, _feedback in transcript.turns_with(lambda said: said.thumb == "down"):
        yield turn, "The user gave a thumbs down."


def low_rating(transcript: Transcript, threshold: float) -> Iterator[Hint]:
    """The lowest rating of a turn comes first, and with it the sentence that is kept."""
    low = transcript.turns_with(partial(_is_low, threshold=threshold))
    for turn, feedback in sorted(low, key=lambda pair: pair[1].rating or 0):
        yield turn, f"The user rated it {feedback.rating} of 5."


def _is_low(said: FeedbackRow, *, threshold: float) -> bool:
    return said.rating is not None and said.rating <= threshold


def report(transcript: Transcript, _: float) -> Iterator[Hint]:
    for turn, _feedback in transcript.turns_with(lambda said: said.reported):
        yield turn, "The user reported it."


def escalation(transcript: Transcript, _: float) -> Iterator[Hint]:
    if transcript.escalated_at:
        turn = transcript.turn_at(transcript.escalated_at)
        yield turn, "The conversation was handed to a person here."


def abandonment(transcript: Transcript, _: float) -> Iterator[Hint]:
    if transcript.outcome != ABANDONED:
        return
    for turn in reversed(transcript.turns):
        if turn.text.strip():
            yield turn, "The user said this and then no more, and nobody closed the conversation."
            return


def repetition(transcript: Transcript, _: float) -> Iterator[Hint]:
    """Compare each text with those of the turns before it, the nearest first."""
    earlier: list[tuple[int, frozenset[str]]] = []
    for place, turn in enumerate(transcript.turns):
        words = _words(turn.text)
        if not words:
            continue
        again = next((before for before, said in reversed(earlier) if alike(words, said)), None)
        if again is not None:
            yield turn, f"The user said nearly the same {_turns(place - again)} before."
        earlier.append((place, words))
        earlier = [each for each in earlier if each[0] > place - LOOK_BACK]


def _words(text: str) -> frozenset[str]:
    """Return what to compare; nothing for a text of one word, which is often said twice."""
    said = normalised(text) if text else ""
    several = len(WORD.findall(said)) > 1
    return shingles(said) if several else frozenset()


def _turns(number: int) -> str:
    return "1 turn" if number == 1 else f"{number} turns"
