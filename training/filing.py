"""The files of a version, as Git keeps them.

manifest.json            counts, intents and the rules that chose the rows
nlu/<intent>.jsonl       what is trained on, a row a line
audit/<intent>.jsonl     what only tests
"""

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Any
from urllib.parse import quote

from annotation.models import Annotation
from ml.collapsing import ROOM
from ml.growth import SIGMAS
from ml.near_duplicates import ALIKE
from training import reading
from training.choosing import MOST_OF_A_SOURCE
from training.models import DatasetIntent, DatasetVersion, Fate
from training.reading import Row

FORMAT = 1
FOLDERS = {"train": "nlu", "audit": "audit"}
OUT_OF_SCOPE = "~out-of-scope"  # no intent is written with a ~ in front
LONGEST = 150  # bytes; file systems take 255 with the ending
LINES_A_PIECE = 1000
# Names that Windows keeps for itself, whatever ending they have.
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def file_name(verdict: str, name: str) -> str:
    """A name for the file of an intent that every file system takes, and no other intent has."""
    if verdict == Annotation.Verdict.OUT_OF_SCOPE:
        return f"{OUT_OF_SCOPE}.jsonl"
    safe = quote(name, safe=" ").replace("~", "%7E").replace(" ", "%20")
    if safe.startswith((".", "-")) or DEVICES.match(safe):
        safe = f"%{ord(safe[0]):02X}{safe[1:]}"
    if len(safe) > LONGEST:
        safe = f"{safe[:100].rstrip('%')}~{sha256(name.encode()).hexdigest()[:16]}"
    return f"{safe}.jsonl"


def files_of(version: DatasetVersion) -> Iterator[tuple[str, list[bytes]]]:
    """Each file with its content in pieces, one at a time: memory holds one intent."""
    yield "manifest.json", [_pretty(version.manifest)]
    for called in version.intents.order_by("place"):
        for side, folder in FOLDERS.items():
            pieces = list(_pieces(reading.rows_of_intent(version, called, side=side)))
            if pieces:
                yield f"{folder}/{file_name(called.verdict, called.name)}", pieces


def manifest_of(version: DatasetVersion, intents: Iterable[DatasetIntent]) -> dict[str, Any]:
    """What the same gold labels give on every machine: no key of ours, no time, no number."""
    left_out: dict[str, int] = {}
    listed = []
    for called in intents:
        for fate, rows in called.left_out.items():
            name = Fate(int(fate)).name.lower()
            left_out[name] = left_out.get(name, 0) + rows
        listed.append(_listed(called))
    return {
        "format": FORMAT,
        "rows": {"train": version.train_count, "audit": version.audit_count},
        "left_out": left_out,
        "intents": [each for each in listed if each["train"] or each["audit"]],
        "entity_types": sorted(version.entity_types.values()),
        "clashing_texts": version.clash_count,
        "rules": {
            "most_of_a_source": MOST_OF_A_SOURCE,
            "alike_from": ALIKE,
            "compared_with_at_most": ROOM,
            "quarantine_from_sigmas": SIGMAS,
        },
    }


def as_object(row: Row) -> dict[str, Any]:
    """A row as its line in Git says it."""
    return {
        "id": str(row.turn),
        "conversation": str(row.conversation),
        "text": row.text,
        "verdict": row.verdict,
        "intent": row.intent or None,
        "entities": [span._asdict() for span in row.spans],
        "opinions": row.opinions,
        "response": row.response,
        "better_answer": row.better_answer,
        "policy": row.policy,
        "chance": row.chance,
        "seconds": row.seconds,
        "guess_shown": row.guess_shown,
        "by_likeness": row.by_likeness,
    }


def _listed(called: DatasetIntent) -> dict[str, Any]:
    return {
        "name": called.name or None,
        "verdict": called.verdict,
        "file": file_name(called.verdict, called.name),
        "train": called.train_count,
        "audit": called.audit_count,
        "quarantined": called.quarantined_count,
    }


def _pieces(rows: Iterator[Row]) -> Iterator[bytes]:
    while some := list(islice(rows, LINES_A_PIECE)):
        yield b"".join(_line(as_object(row)) for row in some)


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _pretty(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
