"""Labelled files: what is said in them, what was meant, and which part only tests.

JSON lines, packed by gzip or not. One object a line is either an utterance, `{"text", "intent",
"split"?}`, or a dialogue, `{"dialogue_id", "turns": [{"role", "text", "intent"?}]}`. Without a
`split` every fifth conversation, by the hash of its name, is kept for the test.
"""

import gzip
import hashlib
import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OUT_OF_SCOPE = ""  # what is meant by what no intent fits
OUTSIDE = frozenset({"oos", "out_of_scope", "none"})  # how files call it
TEST_PERCENT = 20
GZIP = b"\x1f\x8b"
TRAINING, TESTING = frozenset({"", "train"}), "test"


class NotReadable(Exception):
    """`str()` of it says to a person what is the matter with the file."""


@dataclass(frozen=True)
class Said:
    """One turn: what the user said and meant, and what the bot answered."""

    text: str
    intent: str | None  # None: nobody labelled it
    response: str = ""


@dataclass(frozen=True)
class Talk:
    """A conversation, in the order in which it went."""

    name: str
    turns: tuple[Said, ...]


@dataclass(frozen=True)
class Material:
    """A file, read. `talks` are the traffic, shuffled; `tests` never are."""

    sha256: str
    talks: tuple[Talk, ...]
    tests: tuple[Said, ...]
    has_own_test: bool

    @property
    def turns(self) -> int:
        return sum(len(talk.turns) for talk in self.talks)

    @property
    def intents(self) -> list[str]:
        """Every intent that somebody meant, by name."""
        meant = {said.intent for talk in self.talks for said in talk.turns}
        meant |= {said.intent for said in self.tests}
        return sorted(name for name in meant if name)


def read(path: Path, *, seed: int) -> Material:
    """Read a file. Raise NotReadable."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NotReadable(f"{path} cannot be read: {reason}.") from error
    talks: list[tuple[str, Talk]] = list(_talks(path, content))
    if not talks:
        raise NotReadable(f"{path} is empty.")
    has_own_test = any(split == TESTING for split, _ in talks)
    trained = [talk for split, talk in talks if split in TRAINING]
    tested = [talk for split, talk in talks if split == TESTING]
    if not has_own_test:
        tested = [talk for talk in trained if _is_kept(talk.name)]
        trained = [talk for talk in trained if not _is_kept(talk.name)]
    random.Random(seed).shuffle(trained)  # noqa: S311  # files are often sorted by intent
    tests = tuple(said for talk in tested for said in talk.turns if said.intent is not None)
    if not trained or not tests:
        raise NotReadable(f"{path} needs labelled turns both to play and to test on.")
    return Material(hashlib.sha256(content).hexdigest(), tuple(trained), tests, has_own_test)


def _is_kept(name: str) -> bool:
    bucket = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % 100
    return bucket < TEST_PERCENT


def _talks(path: Path, content: bytes) -> Iterator[tuple[str, Talk]]:
    """Each conversation with its split."""
    for number, row in _rows(path, content):
        try:
            if "turns" in row:
                name = str(row.get("dialogue_id") or number)
                yield str(row.get("split") or ""), Talk(name, tuple(_turns(row["turns"])))
            else:
                said = Said(_text(row["text"]), _meant(row.get("intent")))
                yield str(row.get("split") or ""), Talk(str(number), (said,))
        except (KeyError, TypeError, AttributeError) as error:
            raise NotReadable(
                f"Line {number:,} of {path} is neither an utterance with `text` and `intent` nor a "
                "dialogue with `turns`."
            ) from error


def _rows(path: Path, content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    # Not splitlines: within a text there may be a U+2028, which JSON leaves as it is.
    for number, line in enumerate(_plain(path, content).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except (ValueError, RecursionError) as error:
            raise NotReadable(f"Line {number:,} of {path} is not JSON in UTF-8.") from error


def _plain(path: Path, content: bytes) -> bytes:
    try:
        return gzip.decompress(content) if content.startswith(GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise NotReadable(f"{path} is packed by gzip, and broken: copy it anew.") from error


def _turns(turns: list[dict[str, Any]]) -> Iterator[Said]:
    """Each thing that the user said, with what the bot said until the user spoke again."""
    waiting: dict[str, Any] | None = None
    said: list[str] = []
    for turn in [*turns, {"role": "user", "text": ""}]:
        if turn["role"] != "user":
            said.append(_text(turn["text"]))
            continue
        if waiting is not None and waiting["text"].strip():
            yield Said(waiting["text"], _meant(waiting.get("intent")), "\n".join(said))
        waiting, said = turn, []


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError
    return text


def _meant(intent: Any) -> str | None:
    if intent is None or intent == "":
        return None
    name = str(intent)
    return OUT_OF_SCOPE if name.lower() in OUTSIDE else name
