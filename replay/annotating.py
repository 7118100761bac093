"""People who label, played: each has a browser, takes what the queue gives and answers by the file.

They read what a person reads: which conversation it is and which turn of it is marked. One in so
many answers is wrong on purpose, as people's are.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape

from replay.browsing import Browser, Form, Refused, Trouble, forms_in
from replay.casting import Cast, Login
from replay.reading import OUT_OF_SCOPE, Said, Talk

REVIEW, TAKE, ANSWER = "/review/next/", "/review/take/", "/answer/"
CONVERSATION = re.compile(r'class="review-facts">\s*<a[^>]*><bdi>(.*?)</bdi>', re.S)
THIS_TURN = re.compile(
    r'id="this-turn".*?<div class="said" dir="auto">(.*?)</div>', re.S
)  # fmt: skip
TAG = re.compile(r"<[^>]*>")
PAUSE = 0.5  # seconds before somebody looks again whether there is something to do
HANDED_OUT_TWICE = 409


@dataclass(frozen=True)
class Item:
    """What is on somebody's page."""

    form: Form
    conversation: str
    text: str


def item_on(page: str) -> Item | None:
    """The turn to review, or None where the queue has nothing."""
    where, what = CONVERSATION.search(page), THIS_TURN.search(page)
    if not where or not what:
        return None
    form = next((form for form in forms_in(page) if ANSWER in form.action), None)
    return Item(form, _plain(where[1]), _plain(what[1])) if form else None


def _plain(markup: str) -> str:
    return unescape(TAG.sub("", markup))


class Book:
    """What was meant by what was said, by conversation and text."""

    def __init__(self, talks: dict[str, Talk]) -> None:
        self._talks = talks

    def meant(self, item: Item) -> str | None:
        """The intent of the turn that an item is about; None where the file does not say."""
        turns = self._talks[item.conversation].turns
        return _likest(turns, item.text).intent


def _likest(turns: tuple[Said, ...], text: str) -> Said:
    """That turn; what was redacted is not there word for word."""
    if len(turns) == 1:
        return turns[0]
    same = [said for said in turns if said.text.strip() == text.strip()]
    if same:
        return same[0]
    return max(turns, key=lambda said: SequenceMatcher(None, said.text, text).ratio())


class Pace:
    """How many labels may be given by now, over all annotators."""

    def __init__(self, given: int) -> None:
        self._lock = threading.Lock()
        self._given = self._begun = given
        self._most = given
        self.wrong = 0
        self.idle: set[str] = set()

    @property
    def given(self) -> int:
        return self._given

    def allow(self, most: int) -> None:
        with self._lock:
            self._most = most
            self.idle.clear()

    def begin(self) -> bool:
        """Whether one more may be given; whoever asks then has to end it."""
        with self._lock:
            if self._begun >= self._most:
                return False
            self._begun += 1
            return True

    def end(self, *, counts: bool, wrong: bool = False) -> None:
        with self._lock:
            if counts:
                self._given += 1
                self.wrong += wrong
            else:
                self._begun -= 1

    def take_wrong(self) -> int:
        """How many wrong answers were given since the last look."""
        with self._lock:
            wrong, self.wrong = self.wrong, 0
            return wrong

    @property
    def is_reached(self) -> bool:
        return self._given >= self._most


class Annotator(threading.Thread):
    """Somebody who labels as long as the pace allows."""

    def __init__(
        self, url: str, who: Login, *, cast: Cast, book: Book, pace: Pace, noise: float, seed: str
    ) -> None:
        super().__init__(name=who.username, daemon=True)
        self._url, self._who = url, who
        self._cast, self._book, self._pace = cast, book, pace
        self._noise = noise
        self._dice = random.Random(seed)  # noqa: S311
        self._stopping = threading.Event()
        self.trouble: BaseException | None = None

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        try:
            with Browser(self._url) as browser:
                browser.log_in(self._who.username, self._who.password)
                self._work(browser)
        except Exception as error:  # noqa: BLE001  # told by whoever waits for the labels
            self.trouble = error

    def _work(self, browser: Browser) -> None:
        while not self._stopping.is_set():
            if not self._pace.begin():
                self._stopping.wait(PAUSE)
                continue
            counts = wrong = False
            try:
                counts, wrong = self._label(browser)
            finally:
                self._pace.end(counts=counts, wrong=wrong)
            if not counts:
                self._pace.idle.add(self.name)
                self._stopping.wait(PAUSE)

    def _label(self, browser: Browser) -> tuple[bool, bool]:
        """Answer one item: whether that gave a label, and whether a wrong one."""
        page = browser.get(REVIEW, bot=self._cast.bot.slug)
        item = item_on(page) or self._take(browser, page)
        if item is None:
            return False, False
        self._pace.idle.discard(self.name)
        meant = self._book.meant(item)
        if meant is None:
            self._answer(browser, item, "v:skip")
            return False, False
        wrong = self._dice.random() < self._noise
        said = self._mistaken(meant) if wrong else meant
        return self._answer(browser, item, self._choice(said)), wrong

    def _take(self, browser: Browser, page: str) -> Item | None:
        form = next((form for form in forms_in(page) if TAKE in form.action), None)
        return item_on(browser.send(form)) if form else None

    def _answer(self, browser: Browser, item: Item, choice: str) -> bool:
        try:
            browser.send(item.form, choice=choice, seconds=f"{2 + 6 * self._dice.random():.1f}")
        except Refused as refused:
            if refused.status != HANDED_OUT_TWICE:
                raise
            return False
        return True

    def _choice(self, said: str) -> str:
        return "v:oos" if said == OUT_OF_SCOPE else f"i:{self._cast.intents[said]}"

    def _mistaken(self, meant: str) -> str:
        others = [name for name in self._cast.intents if name != meant]
        return self._dice.choice(others) if others else meant


def wait_for_labels(
    annotators: list[Annotator],
    pace: Pace,
    *,
    is_dry: Callable[[], bool],
    on_wait: Callable[[], object],
) -> bool:
    """Whether the labels that the pace allows were given; False where nothing is left to label.

    Raise what stopped an annotator.
    """
    while not pace.is_reached:
        for annotator in annotators:
            if annotator.trouble:
                raise annotator.trouble
            if not annotator.is_alive():
                raise Trouble(f"{annotator.name} left.")
        on_wait()
        if len(pace.idle) == len(annotators) and is_dry():
            return False
        time.sleep(0.2)
    return True
