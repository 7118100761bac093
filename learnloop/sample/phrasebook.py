"""What a language's phrases look like.

A phrase may hold slots like `{card_type}`; `slots.py` says what goes in. Phrases are written
neatly here, and roughened (typos, capitals, full stops) when a customer types them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Phrases = tuple[str, ...]

CONFIRM = "confirm"  # a step with this name is answered by yes or no


@dataclass(frozen=True)
class Step:
    """One question of the bot, and how customers answer it.

    A yes-or-no question without answers of its own takes those of the phrasebook.
    """

    asks: str
    prompt: str
    answers: Phrases = ()
    refusals: Phrases = ()


@dataclass(frozen=True)
class Flow:
    """What the bot does about one intent: its questions, then its last word.

    `refused` is the last word to somebody who answers a yes-or-no question with no.
    `asides` are questions that customers put in between, with the bot's answers.
    """

    done: str
    steps: tuple[Step, ...] = ()
    refused: str = ""
    asides: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class BotLines:
    """What the bot says outside of a flow."""

    hello: str
    lost: Phrases  # the first time, then the second
    reask: str
    broken: str
    sorry: str
    hand_over: str
    stay: str
    more: str
    bye: str
    switch: str  # when it sees that the customer went on in this language


@dataclass(frozen=True)
class Phrasebook:
    """All that is said in one language.

    `direct` and `indirect` are first sentences by intent. The bot understands indirect ones
    less often, because they do not name the thing.
    """

    direct: Mapping[str, Phrases]
    indirect: Mapping[str, Phrases]
    flows: Mapping[str, Flow]
    bot: BotLines
    yes: Phrases
    no: Phrases
    wants_person: Phrases  # yes and no to "would you like to talk to a colleague?"
    stays: Phrases
    hello: Phrases  # before a first sentence
    also: Phrases  # before a further one
    already_said: Phrases
    corrections: Phrases
    complaints: Phrases
    thanks: Phrases
    no_more: Phrases  # to "anything else?"
    thanks_for_nothing: Phrases
    out_of_scope: Mapping[str, Phrases]
    good_comments: Phrases
    bad_comments: Phrases
    reports: Phrases
    slots: Mapping[str, Phrases]
    months: Phrases
    day: str
    short_forms: Mapping[str, str]
