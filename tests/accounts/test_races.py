"""Rules that hold when two people act at the same moment"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client

from accounts import bots, keys, members, people, second_factors, webhook_secrets
from accounts.models import ApiKey, Authenticator, Bot, Membership, User, WebhookSecret
from accounts.roles import Role
from tests.accounts.codes import code_of, set_up
from tests.factories import PASSWORD, make_bot, make_member, make_operator

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*actions):
    """Do all `actions` at the same moment; return what each gave, or the exception it raised."""
    ready = Barrier(len(actions))

    def act(action):
        try:
            connection.ensure_connection()
            ready.wait()
            return action()
        except Exception as error:  # noqa: BLE001  the test says which it should be
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))


def kinds(results):
    return sorted(type(result).__name__ for result in results)


@pytest.fixture
def house():
    return make_bot()


@pytest.fixture
def boss(house):
    return make_member(house, Role.ADMIN)


def test_eight_who_make_a_key_of_one_name_get_two(house, boss):
    results = at_once(
        *[lambda: keys.issue(house, name="web", scopes=["read"], by=boss) for _ in range(8)]
    )

    assert kinds(results) == ["IssuedKey"] * 2 + ["TooManyLive"] * 6
    assert ApiKey.objects.of(house).count() == 2


def test_eight_who_rotate_one_key_get_one_more(house, boss):
    first = keys.issue(house, name="web", scopes=["read"], by=boss).key

    results = at_once(*[lambda: keys.rotate(first, by=boss) for _ in range(8)])

    assert kinds(results) == ["IssuedKey"] + ["TooManyLive"] * 7


def test_eight_who_make_a_webhook_secret_get_two(house, boss):
    results = at_once(*[lambda: webhook_secrets.issue(house, by=boss) for _ in range(8)])

    assert kinds(results) == ["IssuedSecret"] * 2 + ["TooManyLive"] * 6
    assert WebhookSecret.objects.of(house).live().count() == 2


@pytest.mark.parametrize("leave", ["remove", "demote"])
def test_of_two_admins_who_leave_together_one_stays(leave, house, boss):
    make_member(house, Role.ADMIN)
    both = list(Membership.objects.of(house).select_related("bot"))

    def go(membership):
        if leave == "remove":
            return members.remove(membership, by=boss)
        return members.change_role(membership, role=Role.ANNOTATOR, by=boss)

    results = at_once(*[lambda one=one: go(one) for one in both])

    assert kinds(results) == ["LastAdmin", "NoneType"]
    assert Membership.objects.of(house).active_admins().count() == 1


def test_of_two_operators_who_close_each_other_one_stays():
    one, two = make_operator("olga"), make_operator("otto")

    at_once(lambda: people.deactivate(one, by=two), lambda: people.deactivate(two, by=one))

    assert User.objects.operators().count() == 1


def test_two_starts_at_once_make_one_admin():
    results = at_once(*[people.create_first_admin for _ in range(4)])

    assert kinds(results) == ["NoneType"] * 3 + ["str"]
    assert User.objects.count() == 1


def test_one_username_added_by_two_admins_is_one_person(house, boss):
    other = make_bot("Travel bot")

    results = at_once(
        *[
            lambda bot=bot: members.add(bot, username="nils", role="annotator", by=boss)
            for bot in (house, other)
        ]
    )

    assert User.objects.filter(username="nils").count() == 1
    assert set(kinds(results)) <= {"Joined", "UsernameTaken"}


def test_bots_of_one_name_made_together_have_slugs_of_their_own(boss):
    at_once(*[lambda: bots.create(name="Bank bot", by=boss) for _ in range(4)])

    slugs = set(Bot.objects.filter(name="Bank bot").values_list("slug", flat=True))
    assert len(slugs) >= 4


def test_one_code_typed_eight_times_at_once_is_taken_once(boss):
    set_up(boss)
    code = code_of(boss)

    results = at_once(*[lambda: second_factors.check(boss, code=code) for _ in range(8)])

    assert kinds(results).count("Authenticator") == 1
    assert set(kinds(results)) <= {"Authenticator", "WrongCode", "TooSoon"}


def test_one_recovery_code_typed_at_once_is_taken_once(boss):
    code = set_up(boss)[0].replace("-", "")

    results = at_once(*[lambda: second_factors.check(boss, code=code) for _ in range(4)])

    assert kinds(results).count("Authenticator") == 1
    assert set(kinds(results)) <= {"Authenticator", "WrongCode", "TooSoon"}


@pytest.mark.parametrize("wider", ["address", "account"])
def test_wrong_passwords_typed_at_once_are_all_counted(wider, house, boss, settings):
    settings.LOGIN_TRIES_PER_ADDRESS = settings.LOGIN_TRIES_PER_ACCOUNT = 8

    def log_in(number, password="not this"):
        name = boss.username if wider == "account" else f"user{number}"
        where = "192.0.2.1" if wider == "address" else f"192.0.2.{number}"
        typed = {"username": name, "password": password}
        return Client().post("/login/", typed, REMOTE_ADDR=where).status_code

    results = at_once(*[lambda number=number: log_in(number) for number in range(8)])

    assert set(results) <= {422, 429}
    assert AccessAttempt.objects.count() == 8
    assert log_in(9, PASSWORD) == 429


def test_two_set_ups_begun_at_once_leave_one_secret(boss):
    at_once(*[lambda: second_factors.start(boss) for _ in range(4)])

    assert Authenticator.objects.count() == 1
