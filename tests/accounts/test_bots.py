"""/settings/bot/ and /settings/bots/"""

import pytest

from accounts import bots
from accounts.forms import NUL
from accounts.models import Bot, Membership
from accounts.roles import Role
from tests.factories import make_bot

URL = "/settings/bots/"


def test_an_operator_makes_a_bot_and_is_its_admin(as_operator, operator):
    response = as_operator.post(URL, {"name": "Bank bot"})

    assert response["Location"] == URL
    membership = Membership.objects.get()
    assert (membership.user, membership.role) == (operator, Role.ADMIN)
    assert membership.bot.slug == "bank-bot"


def test_a_new_bot_is_the_one_worked_on(as_operator, bot):
    as_operator.post(URL, {"name": "Zoo bot"})

    assert as_operator.get("/account/").wsgi_request.bot.name == "Zoo bot"


@pytest.mark.parametrize(
    ("name", "slug"), [("Bank bot", "bank-bot-2"), ("銀行", "bot"), ("!" * 80, "bot")]
)
def test_every_bot_has_a_slug_of_its_own(name, slug, bot, operator):
    assert bots.create(name=name, by=operator).slug == slug


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "This field is required."), ("b\0t", NUL), ("b" * 81, "at most 80 characters")],
)
@pytest.mark.parametrize("url", [URL, "/settings/bot/"])
def test_what_cannot_be_used_brings_the_form_again(name, sentence, url, as_operator, bot):
    response = as_operator.post(url, {"name": name})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Bot.objects.get().name == "Bank bot"


def test_an_admin_renames_the_bot_and_its_links_stay(as_admin, bot):
    response = as_admin.post("/settings/bot/", {"name": "Money bot"})

    assert response["Location"] == "/settings/bot/"
    bot.refresh_from_db()
    assert (bot.name, bot.slug) == ("Money bot", "bank-bot")


def test_a_name_is_shown_as_it_is_written(as_admin, bot):
    as_admin.post("/settings/bot/", {"name": "<b>Bank</b>"})

    assert "<b>Bank</b>" not in as_admin.get("/settings/bot/").content.decode()


def test_admins_do_not_make_bots(as_admin):
    assert as_admin.post(URL, {"name": "Mine"}).status_code == 403
    assert Bot.objects.count() == 1


def test_without_bots_the_page_says_so(as_operator):
    assert "There is no bot yet" in as_operator.get(URL).content.decode()


def test_a_long_list_comes_in_pages_of_the_same_cost(as_operator, django_assert_max_num_queries):
    for number in range(60):
        make_bot(f"Bot {number:02}")

    with django_assert_max_num_queries(7):
        page = as_operator.get(URL).content.decode()

    assert "1–50 of 60" in page
