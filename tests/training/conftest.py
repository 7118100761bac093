import os
import subprocess

import pytest

from tests.factories import make_conversation, make_intent, make_member
from tests.training.judged import make_full_report, make_report, make_version
from training import deciding
from training.deciding import Seen


@pytest.fixture(autouse=True)
def datasets(settings, tmp_path):
    """A Git store of its own for each test."""
    settings.DATASETS = tmp_path / "datasets.git"
    return settings.DATASETS


@pytest.fixture(autouse=True)
def artifacts_folder(settings, tmp_path):
    """Vectors and artifacts of its own for each test."""
    settings.DATA = tmp_path
    return keep_artifacts_in(tmp_path / "artifacts", settings)


def keep_artifacts_in(folder, settings):
    artifacts = settings.STORAGES["artifacts"] | {"OPTIONS": {"location": folder}}
    settings.STORAGES = settings.STORAGES | {"artifacts": artifacts}
    return folder


@pytest.fixture
def ben(bot):
    """An annotator beside ana."""
    return make_member(bot, username="ben")


@pytest.fixture
def lost(bot):
    return make_intent(bot, "card_lost")


@pytest.fixture
def stolen(bot):
    return make_intent(bot, "card_stolen")


@pytest.fixture
def lisbon(bot, annotator, lost, stolen):
    """Two gold labels to train on, of two intents: enough to freeze."""
    from tests.training.saying import label

    return [
        label(bot, annotator, "I left my card in Lisbon", lost),
        label(bot, annotator, "it was taken from me", stolen),
    ]


@pytest.fixture
def git(datasets):
    """Plain Git in the repository; what it prints."""

    def run(*arguments):
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        command = ["git", "-c", "safe.directory=*", "-C", str(datasets), *arguments]
        environment = {**os.environ, **alone}
        done = subprocess.run(command, capture_output=True, check=True, env=environment)
        return done.stdout.decode().strip()

    return run


@pytest.fixture
def intents(bot):
    return [make_intent(bot, name) for name in ("card_lost", "refund", "loan")]


@pytest.fixture
def trainable(bot, annotator, intents):
    """A bot with enough labels of three intents."""
    from tests.training.learning import labelled

    labelled(bot, annotator, intents)
    return bot


@pytest.fixture
def first(bot, engineer):
    return make_version(bot, started_by=engineer)


@pytest.fixture
def live(first, admin):
    """A version that is live."""
    report = make_report(first)
    seen = Seen(report.sha256, first.sha256)
    deciding.promote(first, by=admin, seen=seen, reason="The first one.")
    return first


@pytest.fixture
def turns(bot):
    talk = make_conversation(bot, turns=["where is my card", "and my money"])
    return list(talk.turns.all())


@pytest.fixture
def version(bot, live, turns, engineer):
    """One that was judged beside the live one, and does harm."""
    version = make_version(bot, started_by=engineer, content=b"candidate")
    make_full_report(version, champion=live, turns=turns)
    return version
