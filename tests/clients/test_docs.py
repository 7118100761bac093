"""docs/connecting-a-bot.md: what stands there to be copied is run as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.models import Feedback, IncomingEvent
from tests.clients.test_predicting import token  # noqa: F401

pytestmark = pytest.mark.django_db

HOUSE = Path(__file__).resolve().parent.parent.parent
PAGE = (HOUSE / "docs" / "connecting-a-bot.md").read_text()
SHELL = "/bin/bash"


def piece(language):
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    assert len(found) == 1, f"One piece of {language} is run, and there are {len(found)}."
    return found[0]


@pytest.fixture
def environment(served, token):  # noqa: F811
    return os.environ | {
        "LEARNLOOP_URL": f"http://127.0.0.1:{served.port}",
        "LEARNLOOP_BOT": served.bot.slug,
        "LEARNLOOP_KEY": token,
        "LEARNLOOP_SECRET": served.secret.text,
        "PYTHONPATH": str(HOUSE / "clients" / "python"),
    }


def run(*command, environment, text=None):
    done = subprocess.run(
        command, env=environment, input=text, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_runs(served, environment):
    run(sys.executable, "-c", piece("python"), environment=environment)

    events = IncomingEvent.objects.filter(bot=served.bot, conversation__name="c-48213")
    assert events.exists()


def test_the_curl_runs(served, environment):
    said = run(SHELL, "-euc", piece("sh"), environment=environment)

    assert '"no_version"' in said
    assert '"accepted": 1' in said
    assert '"status": "accepted"' in said
    assert Feedback.objects.filter(bot=served.bot, conversation__name="c-48215").exists()


def test_the_example_bot_talks(served, environment):
    said = run(
        sys.executable, "clients/python/examples/bank_bot.py",
        "--url", environment["LEARNLOOP_URL"], "--bot", served.bot.slug,
        environment=environment, text="i lost my card\n-\nhello\n",
    )  # fmt: skip

    assert said.count("Sorry, I do not know about that yet.") == 2
    turns, closed = IncomingEvent.objects.filter(kind="turn"), IncomingEvent.objects.filter
    assert closed(kind="closed").get().at > max(turns.values_list("at", flat=True))


def test_the_example_bot_says_what_it_lacks(served, environment):
    """It reads the same variables as the ten lines, and ends with a sentence."""
    bot = (sys.executable, "clients/python/examples/bank_bot.py")
    wrong = {"LEARNLOOP_KEY": "", "LEARNLOOP_SECRET": "whsec_no base64"}
    said = {
        name: subprocess.run(
            bot, env=environment | {name: value}, input="hello\n", capture_output=True, text=True,
            timeout=60,
        ).stderr
        for name, value in {**wrong, "LEARNLOOP_BOT": "nobody"}.items()
    }  # fmt: skip

    assert "put a key (Settings, API keys) into LEARNLOOP_KEY" in said["LEARNLOOP_KEY"]
    assert "A webhook secret begins with whsec_" in said["LEARNLOOP_SECRET"]
    assert "did not take that: 401 bad_signature" in said["LEARNLOOP_BOT"]
    assert not any("Traceback" in each for each in said.values())
