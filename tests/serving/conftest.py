"""What tests of answers may ask for besides the cast."""

import pytest

from serving.callers import CALLERS
from serving.loading import VERSIONS
from tests.ingest.served import served, web  # noqa: F401
from tests.serving.live import fitted, go_live, make_version
from tests.training.conftest import artifacts_folder, datasets  # noqa: F401


@pytest.fixture(scope="session")
def artifact():
    """The bytes of an artifact that knows three intents and a city."""
    return fitted()


@pytest.fixture(autouse=True)
def nothing_in_memory():
    VERSIONS.forget_all()
    CALLERS.forget()


@pytest.fixture
def version(bot, artifact):
    return make_version(bot, artifact)


@pytest.fixture
def live(version, admin):
    """A version that answers."""
    go_live(version, by=admin)
    return version


@pytest.fixture
def ask(as_bot):
    """POST /api/v1/predict of one turn; `text` first."""

    def ask(text="where is my lost card", **fields):
        sent = {"conversation_id": "c-1", "text": text} | fields
        return as_bot.post("/api/v1/predict", sent, content_type="application/json")

    return ask
