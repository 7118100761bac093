"""What customers say about a conversation afterwards."""

from random import Random
from typing import Any

from learnloop.sample.books import BOOKS
from learnloop.sample.talking import Talk

Opinion = dict[str, Any]


def opinion(rng: Random, talk: Talk) -> tuple[int | None, Opinion] | None:
    """The turn meant, by its place (None: none in particular), and what was said of it."""
    failed = [place for place, turn in enumerate(talk.turns) if not turn.smooth]
    rough = bool(failed)
    if rng.random() > (0.26 if rough else 0.17):
        return None
    angry = rng.random() < _anger(talk, rough=rough)
    place = rng.choice(failed) if angry and failed else _last_answer(talk)
    about = None if rng.random() < 0.2 else place
    return about, (_bad if angry else _good)(rng, language=talk.language)


def _last_answer(talk: Talk) -> int:
    """The place of the last turn before the goodbye."""
    return max(0, len(talk.turns) - 1 - talk.parted)


def _anger(talk: Talk, *, rough: bool) -> float:
    """How likely an opinion is a bad one."""
    if not talk.turns[_last_answer(talk)].smooth:
        return 0.85
    return 0.33 if rough else 0.05


def _good(rng: Random, *, language: str) -> Opinion:
    if rng.random() < 0.6:
        return {"thumb": "up"}
    return {"rating": rng.choice((4, 5, 5)), "comment": rng.choice(BOOKS[language].good_comments)}


def _bad(rng: Random, *, language: str) -> Opinion:
    book = BOOKS[language]
    draw = rng.random()
    if draw < 0.45:
        return {"thumb": "down"}
    if draw < 0.8:
        return {"rating": rng.choice((1, 1, 2)), "comment": rng.choice(book.bad_comments)}
    return {"reported": True, "comment": rng.choice(book.reports)}
