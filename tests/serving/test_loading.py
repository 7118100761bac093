"""serving/loading.py: which version answers, and how it gets into memory."""

import pytest

from ml.encoders import HashedWords, encoder
from serving import loading
from serving.loading import VERSIONS, Versions
from serving.models import ArtifactTrouble
from tests.serving.live import exchange, go_live, make_version
from training import deploying


@pytest.fixture
def second(bot, live, artifact, admin):
    """Another version, which is live; the first was before it."""
    second = make_version(bot, artifact)
    go_live(second, by=admin)
    return second


def answered_by(ask):
    return ask().json()["model_version"]


def test_what_is_promoted_answers_the_next_question(ask, live, bot, admin, artifact):
    before = answered_by(ask)
    go_live(make_version(bot, artifact), by=admin)

    assert (before, answered_by(ask)) == (1, 2)


def test_what_is_rolled_back_to_answers_the_next_question(ask, second, bot, admin):
    ask()
    deploying.roll_back(bot, by=admin, reason="It is worse.", deployment_id=deploying.live(bot).pk)

    assert answered_by(ask) == 1


def test_the_one_before_is_in_memory_before_somebody_goes_back(ask, second, live, monkeypatch):
    answers = iter(range(50))
    while live.pk not in VERSIONS._kept and next(answers) < 49:
        ask()
        VERSIONS._coming.get(live.pk) and VERSIONS._coming[live.pk][1].result(5)

    assert {live.pk, second.pk} <= set(VERSIONS._kept)


def test_each_is_read_once(ask, live, monkeypatch):
    read, times = loading.artifact_store.read, []
    monkeypatch.setattr(
        loading.artifact_store, "read", lambda version: times.append(version) or read(version)
    )

    for _ in range(5):
        ask()

    assert times == [live]


def test_no_more_stay_than_there_is_room_for(ask, second, bot, admin, artifact, settings):
    settings.WARM_VERSIONS = 2
    for _ in range(3):
        go_live(make_version(bot, artifact), by=admin)
        ask()

    assert len(VERSIONS._kept) <= 2


def test_what_takes_long_is_waited_for_while_another_answers(
    ask, live, bot, admin, artifact, monkeypatch
):
    from threading import Event

    ask()
    third, go_on = make_version(bot, artifact), Event()
    read = loading.artifact_store.read
    monkeypatch.setattr(loading, "PATIENCE", 0.01)
    monkeypatch.setattr(
        loading.artifact_store, "read", lambda version: go_on.wait(10) and read(version)
    )
    go_live(third, by=admin)

    meanwhile = answered_by(ask)
    go_on.set()
    VERSIONS._coming[third.pk][1].result(10)

    assert (meanwhile, answered_by(ask)) == (live.number, third.number)


# ── what does not verify ──────────────────────────────────────────────────────────────


def test_an_artifact_that_was_exchanged_never_answers(ask, second, live):
    exchange(second)

    assert answered_by(ask) == live.number
    assert "SHA-256 differs" in ArtifactTrouble.objects.get(version=second).sentence


def test_the_page_says_which_one_answers_in_its_place(ask, second, as_engineer):
    exchange(second)
    ask()

    page = as_engineer.get("/models/").content.decode()

    assert "Version 2 is live and cannot answer. Version 1 answers in its place." in page


def test_where_none_can_be_read_the_turn_waits_for_people(ask, live, as_engineer):
    exchange(live)

    response = ask()

    assert (response.status_code, response.json()["error"]["code"]) == (409, "no_version")
    assert "nothing else can" in as_engineer.get("/models/").content.decode()


def test_an_artifact_that_was_restored_answers_again(ask, second, artifact, as_engineer):
    exchange(second)
    ask()
    exchange(second, artifact)
    VERSIONS._refused.clear()  # half a minute later

    assert answered_by(ask) == second.number
    assert "cannot answer" not in as_engineer.get("/models/").content.decode()


def test_an_encoder_that_is_not_here_is_a_reason_too(ask, live):
    type(live).objects.filter(pk=live.pk).update(encoder="use-0")

    assert ask().status_code == 409
    assert ArtifactTrouble.objects.get().sentence


def test_who_answers_encodes_as_it_is_done_for_few(monkeypatch):
    monkeypatch.setattr(HashedWords, "for_few", lambda self: lambda texts: self.encode(["few"]))
    tfidf = encoder("tfidf")

    vectors = Versions()._encoding(tfidf.version)(["where is my card"])

    assert (vectors == tfidf.encode(["few"])).all()
