"""How a customer types: capitals, full stops, short forms, slips, emoji."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from learnloop.sample.slots import ENTITY_TYPES, PERSONAL, Facts

SLOT = re.compile(r"\{(\w+)\}")
WORD = re.compile(r"[^\W\d_]{4,}")
ACCENTS = str.maketrans("áéíóúüÁÉÍÓÚ¿¡", "aeiouuAEIOU\0\0")
MOODS = ("🙏", "😩", "😅", "🤔", "🙂", "🤷🏽‍♀️")


@dataclass(frozen=True)
class Said:
    """What a customer typed, the entities in it, and the slots that were filled."""

    text: str
    entities: tuple[dict[str, str | int], ...] = ()
    slots: tuple[str, ...] = ()

    def without(self, slot: str) -> "Said":
        """The same text, with one slot that the bot did not make out."""
        kept = tuple(each for each in self.entities if each["type"] != ENTITY_TYPES.get(slot))
        return Said(self.text, kept, tuple(each for each in self.slots if each != slot))

    def shouted(self) -> "Said":
        louder = tuple({**each, "value": str(each["value"]).upper()} for each in self.entities)
        return Said(self.text.rstrip(".?!").upper() + "!!!", louder, self.slots)


@dataclass(frozen=True)
class Style:
    lower: bool
    bare: bool  # no full stop at the end
    plain_letters: bool  # no accents
    short: bool
    slips: float  # chance of a slip of the finger in a long word
    emoji: float

    @classmethod
    def draw(cls, rng: Random, *, channel: str) -> "Style":
        casual = {"web": 0.35, "app": 0.5, "whatsapp": 0.8}[channel]
        return cls(
            lower=rng.random() < casual * 0.7,
            bare=rng.random() < casual,
            plain_letters=rng.random() < casual,
            short=rng.random() < casual * 0.5,
            slips=rng.choice((0.0, 0.0, 0.01, 0.04)),
            emoji=casual * 0.08,
        )

    def write(
        self, phrase: str, *, facts: Facts, rng: Random, short_forms: Mapping[str, str]
    ) -> Said:
        """Fill the slots of `phrase` and write it as this customer would."""
        text = f"{rng.choice(MOODS)} " if rng.random() < self.emoji else ""
        entities: list[dict[str, str | int]] = []
        slots = []
        pieces = SLOT.split(self._without_full_stop(phrase))
        for literal, slot in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
            text += self._roughened(literal, first=not text, rng=rng, short_forms=short_forms)
            if slot:
                value = self._value(slot, facts[slot], first=not text)
                entities += _entities(slot, value, at=len(text))
                slots.append(slot)
                text += value
        return Said(text, tuple(entities), tuple(slots))

    def _without_full_stop(self, phrase: str) -> str:
        if not self.bare:
            return phrase
        # Who leaves out one of a pair of question marks leaves out the first one.
        return phrase.replace("¿", "") if "¿" in phrase else phrase.rstrip(".?")

    def _value(self, slot: str, value: str, *, first: bool) -> str:
        if slot in PERSONAL:
            return value
        if self.lower:
            value = value.lower()
        elif first:
            value = value[:1].upper() + value[1:]
        return value.translate(ACCENTS) if self.plain_letters else value

    def _roughened(
        self, literal: str, *, first: bool, rng: Random, short_forms: Mapping[str, str]
    ) -> str:
        if self.short:
            for long, short in short_forms.items():
                literal = re.sub(rf"\b{long}\b", short, literal)
        if self.lower:
            literal = literal.lower()
        elif first:
            literal = literal[:1].upper() + literal[1:]
        if self.plain_letters:
            literal = literal.translate(ACCENTS).replace("\0", "")
        return WORD.sub(lambda word: _slipped(word[0], rng, chance=self.slips), literal)


def _entities(slot: str, value: str, *, at: int) -> list[dict[str, str | int]]:
    if slot not in ENTITY_TYPES:
        return []
    # "on Monday": the day is the entity.
    lead = 3 if value[:3].lower() == "on " else 0
    return [
        {
            "type": ENTITY_TYPES[slot],
            "value": value[lead:],
            "start": at + lead,
            "end": at + len(value),
        }
    ]


def _slipped(word: str, rng: Random, *, chance: float) -> str:
    if rng.random() >= chance:
        return word
    at = rng.randrange(1, len(word) - 1)
    before, here, there, after = word[:at], word[at], word[at + 1], word[at + 2 :]
    return before + rng.choice((there + here, here, there, here + here + there)) + after
