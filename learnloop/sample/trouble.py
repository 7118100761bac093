"""What goes wrong between a customer and the bot, and what the customer does then."""

import re

from learnloop.sample.hearing import CONFUSED, LOST
from learnloop.sample.phrasebook import CONFIRM
from learnloop.sample.talking import Talk
from learnloop.sample.typing_style import Said

BROKEN = "broken"
ERRORS = (
    "core banking did not answer within 5 s",
    "card service answered 503",
    "dialog engine: connection reset by core banking",
    "dialog store: lock not obtained within 5 s",
)
# After so many turns in vain the bot itself offers a person.
PATIENCE = 3

OPENING_CAPITAL = re.compile(r"^([¿¡]?)((?!I\b)\w)")


def trouble_with(talk: Talk, said: Said, meant: str, *, hard: bool) -> str:
    if talk.chance(talk.broken):
        return BROKEN
    return talk.ear.trouble(said.text, meant=meant, hard=hard, rng=talk.rng)


def fail(talk: Talk, said: Said, meant: str, *, kind: str) -> None:
    """Add the turn in which the bot goes wrong, and what comes of it."""
    talk.flow = talk.step = ""
    talk.failures += 1
    if kind == BROKEN:
        error, reply = talk.rng.choice(ERRORS), talk.book.bot.broken
        talk.add(said, reply, talk.guess(said, meant), error=error, smooth=False)
        return
    guess = talk.guess(said, meant, trouble=kind)
    if talk.failures >= PATIENCE:
        talk.add(said, talk.book.bot.sorry, guess, smooth=False)
        decide_on_person(talk)
        return
    reply = _wrong_line(talk, guess.intent) if kind == CONFUSED else _lost_line(talk)
    talk.add(said, reply, guess, smooth=False)


def _lost_line(talk: Talk) -> str:
    talk.times_lost += 1
    return talk.book.bot.lost[min(talk.times_lost, 2) - 1]


def _wrong_line(talk: Talk, intent: str) -> str:
    flow = talk.book.flows.get(intent)
    if flow is None:
        return talk.book.bot.hello
    talk.flow, talk.step = intent, flow.steps[0].asks
    return flow.steps[0].prompt


def said_again(talk: Talk, said: Said, meant: str, *, kind: str) -> Said:
    """The same wish once more: word for word, louder, or in other words."""
    draw = talk.rng.random()
    if draw < (0.6 if kind == BROKEN else 0.3):
        return said
    if kind == LOST and draw < 0.38:
        return said.shouted()
    phrase = talk.pick(talk.book.direct[meant])
    if kind == CONFUSED and draw < 0.8:
        phrase = joined(talk.rng.choice(talk.book.corrections), phrase)
    return talk.write(phrase)


def joined(lead: str, phrase: str) -> str:
    """Put `lead` before `phrase`, whose capital goes unless a sentence ended."""
    if lead.rstrip()[-1] in ".!":
        return lead + phrase
    return lead + OPENING_CAPITAL.sub(lambda first: first[1] + first[2].lower(), phrase)


def react(talk: Talk) -> None:
    """Walk off, complain, or just try again."""
    if talk.over or talk.walks_off(0.06 * talk.failures):
        return
    if talk.chance(0.1 * talk.failures):
        complain(talk)


def complain(talk: Talk) -> None:
    said = talk.write(talk.pick(talk.book.complaints))
    talk.flow, talk.step = "talk_to_person", CONFIRM
    guess = talk.guess(said, "talk_to_person", hard=True)
    talk.add(said, talk.book.bot.sorry, guess, smooth=False)
    decide_on_person(talk)


def decide_on_person(talk: Talk) -> None:
    """The bot has offered a colleague: take it, leave, or try once more."""
    if talk.over or talk.walks_off(0.25):
        return
    wants = talk.chance(0.48)
    said = talk.write(talk.rng.choice(talk.book.wants_person if wants else talk.book.stays))
    talk.flow = talk.step = ""
    talk.ending = "escalated" if wants else ""
    reply = talk.book.bot.hand_over if wants else talk.book.bot.stay
    talk.add(said, reply, talk.guess(said, "answer_to_bot"), smooth=False)
