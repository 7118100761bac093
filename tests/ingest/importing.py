"""Files that are read in, and what came of them."""

import gzip
import io
import json

import pytest
from django.core.management import call_command

from ingest import importing
from ingest.adapters.opening import Source
from ingest.importing import Wishes
from ingest.refused_lines import RefusedLines


class Killed(Exception):
    """Stands for the end of the process between two batches."""


def write(path, rows, *, pack=False):
    content = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(content.encode()) if pack else content.encode())
    return path


def an_event(number=1, **fields):
    return {
        "event_id": f"e-{number}",
        "conversation_id": f"c-{number // 5}",
        "timestamp": "2026-05-09T14:02:11Z",
        "user_input": f"number {number}",
    } | fields


def import_file(path, *, bot="bank-bot", **options):
    said = io.StringIO()
    call_command("import_events", str(path), bot=bot, stdout=said, **options)
    return said.getvalue()


def refused_of(path):
    lines = path.with_name(f"{path.name}.refused.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def read_until_killed(path, bot, *, batches, **wishes):
    """Store some batches of `path`, and no more."""
    left = iter(range(batches - 1))

    def watch(_):
        if next(left, None) is None:
            raise Killed

    source = Source(str(path))
    begun = importing.begin(source, bot=bot, wishes=Wishes(**wishes))
    refused = RefusedLines(path.with_name(f"{path.name}.refused.jsonl"))
    with pytest.raises(Killed):
        importing.run(begun, refused=refused, watch=watch)
    source.close()


def a_dialogue(name, *, turns=3):
    messages = [{"role": "user", "text": f"{name} {number}"} for number in range(turns)]
    return {"dialogue_id": name, "turns": messages}
