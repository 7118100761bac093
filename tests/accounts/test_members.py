"""/settings/members/"""

import re

import pytest

from accounts.forms import NUL
from accounts.models import Membership, User
from accounts.roles import Role
from tests.factories import make_member, make_user

URL = "/settings/members/"


def add(client, username="nils", role="annotator"):
    return client.post(f"{URL}add/", {"username": username, "role": role})


def membership(user):
    return Membership.objects.get(user=user)


def password_in(response):
    return re.search(r"<code>([\w-]{23})</code>", response.content.decode()).group(1)


def test_a_reviewer_reads_who_is_there_and_changes_nothing(as_reviewer, annotator):
    page = as_reviewer.get(URL).content.decode()

    assert "ana" in page
    assert "Add somebody" not in page
    assert "Remove" not in page


def test_somebody_with_an_account_is_added(as_admin, bot):
    nils = make_user("nils")

    response = add(as_admin, role="engineer")

    assert response["Location"] == URL
    assert membership(nils).role == Role.ENGINEER


def test_a_username_is_found_in_any_case(as_admin, bot):
    nils = make_user("Nils")

    add(as_admin, "nILS")

    assert membership(nils).bot == bot
    assert User.objects.filter(username__iexact="nils").count() == 1


def test_somebody_new_gets_an_account_and_a_password_that_is_shown_once(as_admin, client):
    response = add(as_admin)

    password = password_in(response)
    assert "no-store" in response["Cache-Control"]
    nils = User.objects.get(username="nils")
    assert nils.check_password(password)
    assert nils.must_change_password
    assert password not in as_admin.get(URL).content.decode()


def test_a_member_is_not_added_twice(as_admin, annotator):
    response = add(as_admin, "ana", "admin")

    assert response.status_code == 422
    assert "This person is a member already." in response.content.decode()
    assert membership(annotator).role == Role.ANNOTATOR


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"username": ""}, "This field is required."),
        ({"username": "two words"}, "Use only letters, digits"),
        ({"username": "n\0ils"}, NUL),
        ({"username": "n" * 151}, "at most 150 characters"),
        ({"role": "king"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_used_brings_the_form_again(typed, sentence, as_admin, bot):
    response = add(as_admin, **{"username": "nils", **typed})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Membership.objects.of(bot).count() == 1


def test_a_role_is_changed(as_admin, annotator):
    response = as_admin.post(f"{URL}{membership(annotator).pk}/role/", {"role": "reviewer"})

    assert response["Location"] == URL
    assert membership(annotator).role == Role.REVIEWER


def test_a_role_that_does_not_exist_changes_nothing(as_admin, annotator):
    response = as_admin.post(f"{URL}{membership(annotator).pk}/role/", {"role": "ki\0ng"})

    assert response.status_code == 422
    assert "choose one of the roles" in response.content.decode()
    assert membership(annotator).role == Role.ANNOTATOR


def test_a_member_is_removed_and_sees_nothing_from_then_on(as_admin, as_annotator, annotator):
    response = as_admin.post(f"{URL}{membership(annotator).pk}/remove/")

    assert response["Location"] == URL
    assert as_annotator.get("/jobs/").status_code == 403


@pytest.mark.parametrize(
    ("action", "typed"), [("remove", {}), ("role", {"role": "engineer"})], ids=["remove", "demote"]
)
def test_the_last_admin_stays(action, typed, as_admin, admin):
    response = as_admin.post(f"{URL}{membership(admin).pk}/{action}/", typed)

    assert response.status_code == 422
    assert "adam is the last admin of this bot" in response.content.decode()
    assert membership(admin).role == Role.ADMIN


def test_an_admin_whose_account_is_closed_does_not_count(as_admin, admin, bot):
    make_member(bot, Role.ADMIN, is_active=False)

    response = as_admin.post(f"{URL}{membership(admin).pk}/remove/")

    assert response.status_code == 422


def test_one_of_two_admins_may_go(as_admin, admin, bot):
    make_member(bot, Role.ADMIN)

    response = as_admin.post(f"{URL}{membership(admin).pk}/remove/")

    assert response["Location"] == "/settings/"
    assert not Membership.objects.filter(user=admin).exists()


def test_members_of_another_bot_do_not_exist(as_other_admin, annotator):
    path = f"{URL}{membership(annotator).pk}"

    assert as_other_admin.post(f"{path}/remove/").status_code == 404
    assert as_other_admin.post(f"{path}/role/", {"role": "admin"}).status_code == 404
    assert membership(annotator).role == Role.ANNOTATOR


def test_a_long_list_comes_in_pages_of_the_same_cost(as_admin, bot, django_assert_max_num_queries):
    for number in range(60):
        make_member(bot, username=f"zoe{number:02}")

    with django_assert_max_num_queries(8):
        first = as_admin.get(URL).content.decode()
    second = as_admin.get(f"{URL}?page=2").content.decode()

    assert "zoe00" in first and "zoe59" not in first
    assert "zoe59" in second
    assert as_admin.get(f"{URL}?page=nonsense").status_code == 200
    assert as_admin.get(f"{URL}?page={10**30}").status_code == 200
