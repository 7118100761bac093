import pytest

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
