"""/datasets/: letting in what grew too fast."""

import pytest

from accounts.forms import NUL
from tests.factories import make_intent
from tests.training.dataset_pages import URL, page
from tests.training.saying import label, label_many
from training.freezing import freeze


@pytest.fixture
def held_back(bot, annotator):
    """An intent of the newest version that grew too fast, with 40 rows held back."""
    intents = [make_intent(bot, f"about_{each}") for each in "abcde"]
    for intent in intents:
        label_many(bot, annotator, intent, 10)
    freeze(bot, by=annotator)
    label_many(bot, annotator, intents[0], 40, words="suddenly everybody asks for")
    return freeze(bot, by=annotator).intents.get(intent=intents[0])


def let_in(client, called, reason="Different people, right label."):
    return client.post(f"{URL}intents/{called.pk}/let-in/", {"reason": reason})


def test_what_grew_too_fast_is_shown_with_how_it_is_let_in(as_reviewer, held_back):
    assert "Something grew too fast." in page(as_reviewer, f"{held_back.version_id}/")
    shown = page(as_reviewer, f"intents/{held_back.pk}/")
    assert "40 new rows of 40 sources are held back." in shown
    assert "Let them into the next version" in shown


def test_what_was_let_in_is_in_the_next_version(as_reviewer, reviewer, annotator, bot, held_back):
    response = let_in(as_reviewer, held_back)

    assert response.status_code == 302
    held_back.refresh_from_db()
    assert (held_back.lifted_by, held_back.lift_reason) == (
        reviewer,
        "Different people, right label.",
    )
    following = freeze(bot, by=annotator)
    assert following.intents.get(intent=held_back.intent).train_count == 50
    assert "Let in by rafa" in page(as_reviewer, f"intents/{held_back.pk}/")


def test_it_needs_a_reason(as_reviewer, held_back):
    for reason, sentence in (("", "Say in a sentence why"), ("a\0", NUL), ("w" * 501, "at most")):
        response = let_in(as_reviewer, held_back, reason)

        assert response.status_code == 422
        assert sentence in response.content.decode()
    held_back.refresh_from_db()
    assert held_back.lifted_at is None


def test_who_comes_second_reads_that_it_was_done(as_reviewer, as_engineer, held_back):
    let_in(as_reviewer, held_back)

    response = let_in(as_engineer, held_back, "Me too.")

    assert response.status_code == 409
    assert "Somebody did so already" in response.content.decode()
    held_back.refresh_from_db()
    assert held_back.lift_reason != "Me too."


def test_an_older_version_lets_nothing_in(as_reviewer, bot, annotator, held_back):
    label(bot, annotator, "something new", held_back.intent)
    label(bot, annotator, "quite another thing", make_intent(bot, "new"))
    freeze(bot, by=annotator)

    assert let_in(as_reviewer, held_back).status_code == 409
    assert "A newer version was frozen since" in page(as_reviewer, f"intents/{held_back.pk}/")
