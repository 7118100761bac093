"""Which bot a request is about, and POST /bot/"""

import pytest
from django.urls import reverse

from accounts.models import Bot, Membership
from accounts.roles import Role
from tests.factories import make_bot, make_member, make_user
from tests.roles import logged_in


@pytest.fixture
def in_both(bot, other_bot):
    user = make_member(bot, Role.ADMIN, username="bea")
    Membership.objects.create(bot=other_bot, user=user, role=Role.ANNOTATOR)
    return user


def bot_of(client, path="/account/"):
    return client.get(path).wsgi_request.bot


def test_without_a_choice_it_is_the_first_by_name(in_both, bot):
    assert bot_of(logged_in(in_both)) == bot


def test_a_choice_lasts(in_both, other_bot):
    client = logged_in(in_both)

    response = client.post("/bot/", {"slug": other_bot.slug, "next": "/account/"})

    assert response["Location"] == "/account/"
    assert bot_of(client) == other_bot


def test_the_address_decides_for_one_request(in_both, bot, other_bot):
    client = logged_in(in_both)

    assert bot_of(client, f"/account/?bot={other_bot.slug}") == other_bot
    assert bot_of(client) == bot


@pytest.mark.parametrize("slug", ["travel-bot", "no-such-bot", ""])
def test_the_bot_of_others_does_not_exist(slug, as_admin, other_bot):
    assert as_admin.get(f"/account/?bot={slug}").status_code == 404
    assert as_admin.post("/bot/", {"slug": slug}).status_code == 404


def test_a_choice_that_was_taken_away_gives_the_first(in_both, bot, other_bot):
    client = logged_in(in_both)
    client.post("/bot/", {"slug": other_bot.slug})
    Membership.objects.filter(user=in_both, bot=other_bot).delete()

    assert bot_of(client) == bot


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/settings/members/?page=2", "/settings/members/?page=2"),
        ("/jobs/?bot=bank-bot&state=done", "/jobs/?state=done"),
        ("/jobs/7/", "/"),
        ("/nowhere/", "/"),
        ("//evil.example", "/"),
    ],
)
def test_switching_leads_to_a_page_that_the_other_bot_has(wanted, leads_to, in_both, other_bot):
    response = logged_in(in_both).post("/bot/", {"slug": other_bot.slug, "next": wanted})

    assert response["Location"] == leads_to


def test_operators_see_every_bot_and_others_their_own(operator, annotator, bot, other_bot):
    assert list(Bot.objects.visible_to(operator).by_name()) == [bot, other_bot]
    assert list(Bot.objects.visible_to(annotator)) == [bot]


def test_a_closed_account_sees_no_bot(annotator, operator):
    for user in (annotator, operator):
        user.is_active = False

        assert not Bot.objects.visible_to(user).exists()


def test_the_role_is_that_of_the_current_bot(in_both, other_bot):
    client = logged_in(in_both)
    keys = reverse("accounts:keys")

    assert client.get(keys).status_code == 200
    assert client.get(f"{keys}?bot={other_bot.slug}").status_code == 403


def test_the_person_with_all_bots_and_roles_takes_one_query(operator, django_assert_num_queries):
    client = logged_in(operator)
    client.get("/settings/")
    for number in range(3):
        make_bot(f"Bot {number}")

    # And the session.
    with django_assert_num_queries(2):
        client.get("/settings/")


class TestWithoutABot:
    def test_an_operator_is_led_to_make_the_first(self, as_operator):
        page = as_operator.get("/settings/").content.decode()

        assert "There is no bot yet" in page
        assert reverse("accounts:bots") in page

    def test_others_read_whom_to_ask(self, db):
        page = logged_in(make_user("nora")).get("/settings/").content.decode()

        assert "You are a member of no bot" in page

    @pytest.mark.parametrize("name", ["members", "keys", "webhooks", "bot_settings"])
    def test_an_operator_who_opens_a_bots_page_is_led_there(self, name, as_operator):
        response = as_operator.get(reverse(f"accounts:{name}"))

        assert response["Location"] == "/settings/"


@pytest.mark.parametrize(
    ("person", "first"),
    [
        ("admin", "/settings/bot/"),
        ("reviewer", "/settings/members/"),
        ("annotator", "/account/"),
    ],
)
def test_settings_lead_to_the_first_page_somebody_may_see(person, first, request, bot):
    client = logged_in(request.getfixturevalue(person))

    assert client.get("/settings/")["Location"] == first
