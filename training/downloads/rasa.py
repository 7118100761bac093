"""Rasa NLU: YAML, with entities marked inside of the examples. The training side alone."""

import json
import re
from collections.abc import Iterator
from itertools import groupby

from training.models import DatasetVersion
from training.reading import Row, Span, rows_of

OUT_OF_SCOPE = "out_of_scope"  # as Rasa's own examples call it
HEAD = 'version: "3.1"\nnlu:\n'

# A bracket that closes right before one of these is where Rasa finds an entity.
MARKUP = re.compile(r"\](?=[(\[{])")
# What a block of YAML cannot hold.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


def stream(version: DatasetVersion) -> Iterator[bytes]:
    yield HEAD.encode()
    for intent, rows in groupby(rows_of(version, side="train"), lambda row: row.intent):
        name = json.dumps(intent or OUT_OF_SCOPE, ensure_ascii=False)
        yield f"- intent: {name}\n  examples: |\n".encode()
        for row in rows:
            if example := _example(row):
                yield f"    - {example}\n".encode()


def _example(row: Row) -> str:
    """One line. What would be read as an entity and is none gets a space inside."""
    pieces, at = [], 0
    for span in row.spans:
        if span.start >= at and _can_be_marked(span):  # one inside of another is left out
            pieces.append(MARKUP.sub("] ", row.text[at : span.start]))
            pieces.append(f"[{span.text}]{json.dumps({'entity': span.type}, ensure_ascii=False)}")
            at = span.end
    pieces.append(MARKUP.sub("] ", row.text[at:]))
    return " ".join(UNPRINTABLE.sub(" ", "".join(pieces)).split())


def _can_be_marked(span: Span) -> bool:
    return not re.search(r"[\[\]]", span.text) and not re.search(r"[{}]", span.type)
