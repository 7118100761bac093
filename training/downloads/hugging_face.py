"""A folder that Hugging Face's `datasets` loads: data/train.jsonl, data/test.jsonl, a card."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from training.downloads.lines import lines
from training.downloads.zipping import zipped
from training.models import DatasetVersion
from training.reading import Row, rows_of

OUT_OF_SCOPE = "out_of_scope"
SPLITS = {"train": "train", "audit": "test"}
CARD = """\
---
configs:
- config_name: default
  data_files:
{files}dataset_info:
  features:
{features}  splits:
{splits}task_categories:
- text-classification
---

# {name}, version {number}

What end users said to a bot, each with the intent that a person gave it. Personal data was taken
out before anything was stored.

- `train` was chosen for labelling, so it is no sample of traffic; `policy` and `chance` (the
  probability of being chosen, where it is known) say how.
- `test` is a uniform draw of conversations, made before any prediction was looked at. Never train
  on it.
- `label` numbers `intent`; out of scope is the last one, and has no `intent`.
- `entities` are marked parts of `text`, in Unicode code points; `end` is excluded.
- `opinions` are what others said of the same turn, where two people were asked.

Frozen {at} as commit `{commit}`. SHA-256 of its files: `{digest}`.
"""
FEATURES = (
    *(("id", "string"), ("conversation", "string"), ("text", "string"), ("intent", "string")),
    *(("policy", "string"), ("chance", "float64"), ("seconds", "float64")),
    *(("guess_shown", "bool"), ("by_likeness", "bool")),
)
LISTS = (
    ("entities", (("start", "int64"), ("end", "int64"), ("type", "string"), ("text", "string"))),
    ("opinions", (("verdict", "string"), ("intent", "string"))),
)


def stream(version: DatasetVersion) -> Iterator[bytes]:
    return zipped(_files(version), at=version.created_at)


@dataclass
class _Split:
    """What the card says of one file."""

    name: str
    rows: int = 0
    size: int = 0  # bytes

    def counting(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self.rows += 1
            yield row

    def weighing(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.size += len(piece)
            yield piece


def _files(version: DatasetVersion) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The card last: it says how many lines there are, and somebody may be erased meanwhile."""
    names, splits = _names(version), []
    numbers = {name: number for number, name in enumerate(names)}
    for side, name in SPLITS.items():
        if version.manifest["rows"][side]:  # an empty file cannot be loaded
            split = _Split(name)
            rows = split.counting(rows_of(version, side=side))
            splits.append(split)
            yield f"data/{name}.jsonl", split.weighing(lines(as_object(r, numbers) for r in rows))
    yield "README.md", [_card(version, names, splits).encode()]


def _names(version: DatasetVersion) -> list[str]:
    """Every label, out of scope last. An intent may be called the same."""
    listed = version.manifest["intents"]
    names = [each["name"] for each in listed if each["name"]]
    return [*names, OUT_OF_SCOPE if OUT_OF_SCOPE not in names else f"{OUT_OF_SCOPE} (no intent)"]


def as_object(row: Row, numbers: dict[str, int]) -> dict[str, Any]:
    label = numbers[row.intent] if row.intent else len(numbers) - 1
    return {
        "id": str(row.turn),
        "conversation": str(row.conversation),
        "text": row.text,
        "intent": row.intent or None,
        "policy": row.policy,
        "chance": row.chance,
        "seconds": row.seconds,
        "guess_shown": row.guess_shown,
        "by_likeness": row.by_likeness,
        "entities": [span._asdict() for span in row.spans],
        "opinions": [{**each, "intent": each["intent"] or None} for each in row.opinions],
        "label": label,
    }


def _card(version: DatasetVersion, names: list[str], splits: list[_Split]) -> str:
    return CARD.format(
        files="".join(
            f"  - split: {split.name}\n    path: data/{split.name}.jsonl\n" for split in splits
        ),
        features=_features(names),
        splits="".join(
            f"  - name: {split.name}\n    num_bytes: {split.size}\n    num_examples: {split.rows}\n"
            for split in splits
        ),
        name=" ".join(version.bot.name.split()),
        number=version.number,
        at=f"{version.created_at:%Y-%m-%d}",
        commit=version.commit,
        digest=version.content_hash,
    )


def _features(names: list[str]) -> str:
    plain = "".join(f"  - name: {name}\n    dtype: {dtype}\n" for name, dtype in FEATURES)
    nested = "".join(
        f"  - name: {name}\n    list:\n"
        + "".join(f"    - name: {inner}\n      dtype: {dtype}\n" for inner, dtype in fields)
        for name, fields in LISTS
    )
    numbered = "".join(
        f"          '{number}': {json.dumps(name, ensure_ascii=False)}\n"
        for number, name in enumerate(names)
    )
    label = "  - name: label\n    dtype:\n      class_label:\n        names:\n"
    return plain + nested + label + numbered
