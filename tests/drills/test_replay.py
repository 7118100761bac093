"""./loop replay: a file becomes traffic, labels, versions and decisions, whoever stops it."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.drills.test_up import EMBEDDED, up  # noqa: F401
from tests.training.learning import SUBJECTS, sentences

pytestmark = pytest.mark.skipif(not EMBEDDED, reason="It needs an install of its own.")


@pytest.fixture
def labelled_file(tmp_path):
    """Three intents and a little of what no intent fits; a sixth of it tests."""
    rows = [
        {"text": text, "intent": intent, "split": "train" if place % 6 else "test"}
        for intent in SUBJECTS
        for place, text in enumerate(sentences(intent, 60))
    ]
    rows += [{"text": f"sing song number {n}", "intent": "oos", "split": "train"} for n in range(6)]
    path = tmp_path / "small.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


@pytest.fixture
def replay(up, tmp_path, labelled_file):  # noqa: F811
    """The command on an install of its own, as a process."""
    house = up("--no-sample", data=tmp_path / "data")
    house.be_ready()
    environment = {**os.environ, "LEARNLOOP_DATA": str(tmp_path / "data")}
    environment["DJANGO_SETTINGS_MODULE"] = "learnloop.settings"
    del environment["DATABASE_URL"], environment["REDIS_URL"]

    def start(*options):
        return subprocess.Popen(
            [
                *(sys.executable, "manage.py", "replay", str(labelled_file), "--bot", "try-out"),
                *("--url", house.address.rstrip("/"), "--annotators", "2"),
                *("--backlog", "60", "--turns-per-label", "1", "--labels-per-training", "20"),
                *options,
            ],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def table_of(said):
    lines = (re.split(r" {2,}", line, maxsplit=1) for line in said.splitlines())
    return {line[0]: line[1] for line in lines if len(line) == 2}


def until_the_first_version(process):
    said = []
    for line in process.stdout:
        said.append(line)
        if re.search(r"promoted|rejected|not judged", line):
            return "".join(said)
    pytest.fail("It ended without a version:\n" + "".join(said))


def test_it_goes_on_where_it_was_killed_and_says_what_came_of_it(replay):
    first = replay("--until", "labels=40")
    until_the_first_version(first)
    first.kill()
    first.communicate(timeout=60)

    second = replay("--until", "labels=40")
    said, _ = second.communicate(timeout=300)

    assert second.returncode == 0, said
    table = table_of(said)
    assert table["Ended because"] == "40 labels were given", said
    assert table["Labels"].startswith("40,")
    assert table["Versions trained"] == "2"
    assert float(table["Accuracy on the test, newest"].removesuffix(" %")) > 50
    assert "s CPU" in table["Training"]
