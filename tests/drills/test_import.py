"""An import that is killed again and again stores exactly what is in its file."""

import json
import random
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from ingest.models import Conversation, Import, IncomingEvent, Turn
from tests.drills.machine import url_of_test_database
from tests.factories import make_bot

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def start(transactional_db, monkeypatch):
    """Starts an import in a process of its own."""
    make_bot("Bank bot", "bank-bot")
    monkeypatch.setenv("DATABASE_URL", url_of_test_database())
    started = []

    def start(file):
        command = [sys.executable, "manage.py", "import_events", str(file), "--bot", "bank-bot"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        # A shell that starts the suite in the background has it ignore Ctrl-C.
        heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        started.append(subprocess.Popen(command, cwd=CHECKOUT, preexec_fn=heeding, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def write_events(file, count, rng):
    """Turns of short conversations, with a line here and there that is none; those lines."""
    bad = set(rng.sample(range(count), count // 20))
    with file.open("w") as lines:
        for number in range(count):
            event = {
                "conversation_id": f"c-{number // 5}",
                "user_input": f"number {number % 997}",
                "bot_response": "an answer " * 5,
            }
            lines.write("oops\n" if number in bad else json.dumps(event) + "\n")
    return sorted(number + 1 for number in bad)


def lines_read():
    return sum(Import.objects.values_list("lines", flat=True))


def test_an_import_that_is_killed_at_random_stores_each_event_once(start, tmp_path, full_size):
    count, kills = (60_000, 12) if full_size else (16_000, 3)
    rng = random.Random(7)
    file = tmp_path / "events.jsonl"
    bad = write_events(file, count, rng)

    killed = [kill_after(start(file), rng, share=count // (kills + 1)) for _ in range(kills)]
    last = start(file)
    said, _ = last.communicate(timeout=300)

    print(f"\n{count} lines, killed after line {killed}")
    assert last.returncode == 0, said
    assert killed == sorted(killed)
    assert IncomingEvent.objects.count() == Turn.objects.count() == count - len(bad)
    assert sum(Conversation.objects.values_list("turn_count", flat=True)) == count - len(bad)
    refused = file.with_name("events.jsonl.refused.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in refused] == bad
    row = Import.objects.get()
    assert (row.accepted, row.duplicates, row.refused) == (count - len(bad), 0, len(bad))


def kill_after(process, rng, *, share):
    """Kill it within a moment after it has stored something, and say how far it was."""
    wanted = lines_read() + rng.randint(1, share)
    until(lambda: lines_read() >= wanted or process.poll() is not None)
    pause = time.monotonic() + rng.uniform(0, 0.3)
    until(lambda: time.monotonic() > pause)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it had ended before it was killed"
    return lines_read()


def until(reached):
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_interrupted_import_says_how_to_go_on(start, tmp_path):
    file = tmp_path / "events.jsonl"
    write_events(file, 40_000, random.Random(7))
    process = start(file)
    until(lambda: lines_read() > 0)

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)

    assert process.returncode == 130
    assert f"Everything up to line {lines_read():,} is stored. Run the same command again" in said
    assert "Traceback" not in said
    assert 0 < IncomingEvent.objects.count() < 40_000


def most_held(process):
    """The most memory that the program has held so far, in KiB; what forked it does not count."""
    about = Path(f"/proc/{process.pid}")
    try:
        command, status = (about / "cmdline").read_text(), (about / "status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found and "manage.py" in command.split("\0") else 0


def test_an_import_keeps_within_its_memory(start, tmp_path, full_size):
    """Long lines, long texts and one line without an end, in far more than fits."""
    megabytes = 1024 if full_size else 64
    file = tmp_path / "events.jsonl"
    long = json.dumps({"conversation_id": "c", "user_input": "long " * 3900}) + "\n"
    unusable = json.dumps({"conversation_id": "c", "user_input": "x" * 1_000_000}) + "\n"
    with file.open("w") as lines:
        for _ in range(megabytes // 4):
            lines.write(long * 50 + unusable * 2)
        for _ in range(megabytes // 4):
            lines.write("x" * 1_000_000)

    process = start(file)
    most = 0
    while process.poll() is None:
        most = max(most, most_held(process))
        time.sleep(0.02)

    print(f"\n{file.stat().st_size >> 20} MiB, {most >> 10} MiB at most")
    assert process.returncode == 0
    assert 0 < most < 400 << 10  # KiB
    assert IncomingEvent.objects.count() == megabytes // 4 * 50
