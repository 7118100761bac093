import pytest

from accounts.models import Bot, User
from accounts.recognising import recognised
from accounts.roles import Role
from tests.factories import make_bot, make_user


@pytest.fixture
def bots(db):
    return [make_bot(name) for name in ("Zoe", "Ada", "Kim")]


@pytest.mark.parametrize("is_superuser", [True, False])
@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("joined", [0, 2])
def test_it_reads_the_bots_that_visible_to_names_in_its_order(
    bots, is_superuser, is_active, joined
):
    person = make_user("nora", is_superuser=is_superuser, is_active=is_active)
    for bot in bots[:joined]:
        bot.memberships.create(user=person, role=Role.REVIEWER)

    found = recognised(person.pk)

    assert found == person
    assert found.bots == list(Bot.objects.visible_to(person).by_name())
    seen = {bot.pk for bot in bots[:joined]} if is_active else set()
    assert set(found.membership_by_bot) == seen


def test_everything_of_the_person_their_bots_and_memberships_is_there(bots):
    person = make_user("nora", email="nora@example.org")
    kept = bots[0].memberships.create(user=person, role=Role.ADMIN)

    found = recognised(person.pk)

    stored = User.objects.get(pk=person.pk)
    assert _columns(found) == _columns(stored)
    assert _columns(found.bots[0]) == _columns(bots[0])
    membership = found.membership_by_bot[bots[0].pk]
    assert (membership, membership.role) == (kept, Role.ADMIN)


def test_nobody_is_found_under_a_number_that_is_none(db):
    assert recognised(0) is None


def _columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
