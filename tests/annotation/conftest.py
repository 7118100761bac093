import pytest

from annotation.holding import take
from tests.annotation.changing import say_and_label
from tests.annotation.grouped import make_group
from tests.annotation.review_screen import GUESSES
from tests.factories import make_intent, make_item, make_member


@pytest.fixture
def ben(bot):
    """An annotator beside ana."""
    return make_member(bot, username="ben")


@pytest.fixture
def lost(bot):
    return make_intent(bot, "card_lost")


@pytest.fixture
def waiting(bot):
    """What waits by itself; without it nobody is asked anything known."""
    return make_item(bot, "what waits")


@pytest.fixture
def item(bot, annotator):
    """One that ana holds."""
    made = make_item(bot, "my wallet is gone", guesses=GUESSES, guess="card_lost", kinds=[])
    return take(made.pk, annotator, bot=bot)


@pytest.fixture
def group(bot, lost):
    """Four turns, one of which may not belong to it."""
    why = {"far": 3, "intent": make_intent(bot, "card_stolen").pk, "guess": "card_stolen"}
    return make_group(
        bot,
        ["my card is gone", "I lost my card", "card lost in Lisbon", "freeze it"],
        apart={"freeze it": why},
        near=lost,
        guess="card_lost",
        guess_hidden=False,
    )


@pytest.fixture
def gone(bot):
    return make_intent(
        bot, "card_gone", good=["gone", "it was stolen"], bad=[("sold", "Not ours.")], critical=True
    )


@pytest.fixture
def stolen(bot):
    return make_intent(
        bot, "card_stolen", good=["thief"], bad=[("it was stolen", "No."), ("gone", "")]
    )


@pytest.fixture
def labelled(bot, gone, stolen, annotator):
    """Three turns of card_gone and one of card_stolen."""
    for text in ("gone 1", "gone 2", "gone 3"):
        say_and_label(bot, text, gone, by=annotator)
    say_and_label(bot, "a thief", stolen, by=annotator)
