"""What tests of answers may ask for besides the cast."""

import time
from types import SimpleNamespace

import pytest

from ingest.metering import Meter
from learnloop import fast_path
from serving.callers import CALLERS
from serving.loading import VERSIONS
from serving.models import Prediction
from tests.ingest.served import served, web  # noqa: F401
from tests.serving.asking import TURN, Line, post
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


@pytest.fixture
def line(key, monkeypatch):
    # The test's transaction is on the connection. Django's test client does the same.
    monkeypatch.setattr(fast_path, "close_old_connections", lambda: None)
    return Line(key.token)


@pytest.fixture
def known(line, as_bot, live):
    """A line whose headers Django answered well before."""
    response = post(as_bot, TURN)
    assert response.status_code == 200
    line.learn(response)
    Prediction.objects.all().delete()
    return line


@pytest.fixture
def clock_stands(monkeypatch):
    """No second begins within a test. Whoever asked before in this process is forgotten."""
    meter, now = Meter(), time.monotonic()
    for module in ("plain", "keyed"):
        monkeypatch.setattr(f"serving.api.{module}.METER", meter)
        stands = SimpleNamespace(monotonic=lambda: now)
        monkeypatch.setattr(f"serving.api.{module}.time", stands)
