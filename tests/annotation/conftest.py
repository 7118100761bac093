import pytest

from tests.factories import make_intent, make_member


@pytest.fixture
def ben(bot):
    """An annotator beside ana."""
    return make_member(bot, username="ben")


@pytest.fixture
def lost(bot):
    return make_intent(bot, "card_lost")
