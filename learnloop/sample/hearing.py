"""How well a model version of the bot understands."""

from dataclasses import dataclass, field
from random import Random

from learnloop.sample import guessing
from learnloop.sample.guessing import Guess

CONFUSED, LOST = "confused", "lost"
SHORT = 6  # words


@dataclass
class Ear:
    """One model version. It takes the same text for the same thing every time.

    `confused` and `lost` are shares of plain first sentences; `hard` is how much likelier
    trouble is for an indirect one.
    """

    confused: float
    lost: float
    hard: float
    _troubles: dict[tuple[str, str], str] = field(default_factory=dict)
    _guesses: dict[tuple[str, str, str], Guess] = field(default_factory=dict)

    def trouble(self, text: str, *, meant: str, hard: bool, rng: Random) -> str:
        """CONFUSED, LOST, or "" for a text that is understood."""
        key = meant, _plain(text)
        if key not in self._troubles:
            self._troubles[key] = self._drawn(self._factor(text, hard=hard), rng.random())
        return self._troubles[key]

    def _factor(self, text: str, *, hard: bool) -> float:
        """Short sentences that name the thing are what every version was trained on."""
        if hard:
            return self.hard
        return 0 if len(text.split()) <= SHORT else 1

    def _drawn(self, factor: float, draw: float) -> str:
        if draw < self.confused * factor:
            return CONFUSED
        return LOST if draw < (self.confused + self.lost) * factor else ""

    def guess(
        self, text: str, *, meant: str, rng: Random, trouble: str = "", hard: bool = False
    ) -> Guess:
        key = trouble, meant, _plain(text)
        if key not in self._guesses:
            self._guesses[key] = _made(trouble, meant, hard=hard, rng=rng)
        return self._guesses[key]


def _plain(text: str) -> str:
    return text.casefold().strip(" .!?¡¿")


def _made(trouble: str, meant: str, *, hard: bool, rng: Random) -> Guess:
    if trouble == CONFUSED:
        return guessing.torn(meant, rng=rng)
    if trouble == LOST:
        return guessing.lost(meant, rng=rng)
    return guessing.sure(meant, rng=rng, hard=hard)
