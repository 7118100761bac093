"""A conversation as it grows, turn by turn."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from learnloop.sample.books import BOOKS
from learnloop.sample.guessing import Guess
from learnloop.sample.hearing import Ear
from learnloop.sample.phrasebook import Phrasebook, Phrases
from learnloop.sample.slots import ENTITY_TYPES, Facts
from learnloop.sample.typing_style import Said, Style

MOST_TURNS = 12


@dataclass(frozen=True)
class Exchange:
    """A turn, before it has an id and a time. `smooth` is False where the bot went wrong."""

    said: Said
    reply: str
    guess: Guess
    language: str
    state: dict[str, object]
    error: str = ""
    smooth: bool = True


@dataclass
class Talk:
    """One conversation. `ending` is "", "silent" or "escalated"; `broken` a chance of errors.

    `told` is what the customer has said about the wish, `known` what the bot took from it.
    """

    rng: Random
    style: Style
    ear: Ear
    broken: float
    language: str
    at: datetime
    turns: list[Exchange] = field(default_factory=list)
    ending: str = ""
    parted: bool = False
    preface: str = ""  # what the bot says before its next reply
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.new_wish()

    @property
    def book(self) -> Phrasebook:
        return BOOKS[self.language]

    @property
    def room(self) -> int:
        return MOST_TURNS - len(self.turns)

    @property
    def over(self) -> bool:
        return bool(self.ending) or self.room <= 0

    def new_wish(self) -> None:
        self.facts = Facts(self.rng, book=self.book, at=self.at)
        self.told: set[str] = set()
        self.known: dict[str, str] = {}
        self.answered: set[str] = set()
        self.flow = self.step = ""
        self.failures = self.times_lost = 0

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def pick(self, phrases: Phrases) -> str:
        """One of `phrases`, if possible one that this customer has not used yet."""
        phrase = self.rng.choice([each for each in phrases if each not in self.used] or phrases)
        self.used.add(phrase)
        return phrase

    def walks_off(self, share: float) -> bool:
        """Whether the customer falls silent here. Nobody does after a single turn."""
        if len(self.turns) > 1 and self.chance(share):
            self.ending = "silent"
        return self.ending == "silent"

    def write(self, phrase: str) -> Said:
        """What the customer types for `phrase`, with what the bot makes out in it."""
        said = self.style.write(
            phrase, facts=self.facts, rng=self.rng, short_forms=self.book.short_forms
        )
        self.told.update(said.slots)
        return said.without(self.rng.choice(said.slots)) if self._misses(said) else said

    def _misses(self, said: Said) -> bool:
        return bool(said.slots) and self.chance(0.06)

    def guess(self, said: Said, meant: str, *, trouble: str = "", hard: bool = False) -> Guess:
        return self.ear.guess(said.text, meant=meant, rng=self.rng, trouble=trouble, hard=hard)

    def learn(self, said: Said) -> None:
        self.known.update((slot, self.facts[slot]) for slot in said.slots)

    def add(
        self, said: Said, reply: str, guess: Guess, *, error: str = "", smooth: bool = True
    ) -> None:
        state: dict[str, object] = {"flow": self.flow or None, "step": self.step or None}
        if slots := self._state_slots():
            state["slots"] = slots
        reply, self.preface = self.preface + reply, ""
        self.turns.append(
            Exchange(said, reply, guess, self.language, state, error=error, smooth=smooth)
        )

    def _state_slots(self) -> dict[str, str]:
        return {
            slot: value.removeprefix("on ")
            for slot, value in self.known.items()
            if slot in ENTITY_TYPES
        }
