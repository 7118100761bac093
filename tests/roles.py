"""The cast: two bots, a person in each role, and a browser for each of them."""

import pytest
from django.test import Client

from accounts.roles import Role
from tests.factories import make_bot, make_key, make_member, make_operator, make_secret


@pytest.fixture
def bot(db):
    return make_bot("Bank bot", "bank-bot")


@pytest.fixture
def other_bot(db):
    return make_bot("Travel bot", "travel-bot")


@pytest.fixture
def annotator(bot):
    return make_member(bot, Role.ANNOTATOR, username="ana")


@pytest.fixture
def reviewer(bot):
    return make_member(bot, Role.REVIEWER, username="rafa")


@pytest.fixture
def engineer(bot):
    return make_member(bot, Role.ENGINEER, username="ellen")


@pytest.fixture
def admin(bot):
    return make_member(bot, Role.ADMIN, username="adam")


@pytest.fixture
def other_admin(other_bot):
    return make_member(other_bot, Role.ADMIN, username="oskar")


@pytest.fixture
def operator(db):
    return make_operator("olga")


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def anonymous(db):
    return Client()


@pytest.fixture
def as_annotator(annotator):
    return logged_in(annotator)


@pytest.fixture
def as_reviewer(reviewer):
    return logged_in(reviewer)


@pytest.fixture
def as_engineer(engineer):
    return logged_in(engineer)


@pytest.fixture
def as_admin(admin):
    return logged_in(admin)


@pytest.fixture
def as_other_admin(other_admin):
    return logged_in(other_admin)


@pytest.fixture
def as_operator(operator):
    return logged_in(operator)


def with_key(token):
    return Client(headers={"authorization": f"Bearer {token}"})


@pytest.fixture
def key(bot, admin):
    """A key of `bot` with every scope: `.key` is the row, `.token` what is sent."""
    return make_key(bot, by=admin, scopes=["predict", "feedback", "read"])


@pytest.fixture
def as_bot(key):
    return with_key(key.token)


@pytest.fixture
def secret(bot, admin):
    """A webhook secret of `bot`: `.secret` is the row, `.text` what is signed with."""
    return make_secret(bot, by=admin)
