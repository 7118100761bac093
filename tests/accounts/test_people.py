"""/settings/people/ and the first admin"""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts import people
from accounts.forms import NUL
from accounts.models import AuditEntry, User
from tests.accounts.test_members import password_in
from tests.factories import PASSWORD, make_operator, make_user
from tests.roles import logged_in

URL = "/settings/people/"


def test_an_operator_makes_an_account_and_sees_its_password_once(as_operator):
    response = as_operator.post(URL, {"username": "nils"})

    nils = User.objects.get(username="nils")
    assert nils.check_password(password_in(response))
    assert (nils.must_change_password, nils.is_superuser) == (True, False)
    assert "no-store" in response["Cache-Control"]


def test_an_operator_appoints_and_dismisses_an_auditor(as_operator, operator, annotator):
    as_operator.post(f"{URL}{annotator.pk}/auditor/")
    page = logged_in(annotator).get("/admin/")

    assert page.status_code == 200
    assert "Auditor" in as_operator.get(URL).content.decode()

    as_operator.post(f"{URL}{annotator.pk}/no-auditor/")

    assert logged_in(annotator).get("/admin/").status_code == 403
    kinds = AuditEntry.objects.filter(event__startswith="auditor_").order_by("pk")
    assert [(entry.event, entry.by) for entry in kinds] == [
        ("auditor_appointed", operator), ("auditor_dismissed", operator),
    ]  # fmt: skip


def test_an_operator_makes_another_operator(as_operator):
    as_operator.post(URL, {"username": "nils", "operator": "on"})

    assert User.objects.get(username="nils").is_superuser


@pytest.mark.parametrize(
    ("username", "sentence"),
    [
        ("OLGA", "Somebody has this username."),
        ("", "This field is required."),
        ("two words", "Use only letters, digits"),
        ("n\0ils", NUL),
    ],
)
def test_what_cannot_be_used_brings_the_form_again(username, sentence, as_operator):
    response = as_operator.post(URL, {"username": username})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert User.objects.count() == 1


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(as_operator, annotator):
    client = logged_in(annotator)

    as_operator.post(f"{URL}{annotator.pk}/deactivate/")
    assert client.get("/account/").status_code == 302

    as_operator.post(f"{URL}{annotator.pk}/reactivate/")
    assert client.get("/account/").status_code == 302
    assert logged_in(User.objects.get(pk=annotator.pk)).get("/account/").status_code == 200


def test_closing_and_opening_twice_is_harmless(as_operator, annotator):
    for action in ("deactivate", "deactivate", "reactivate", "reactivate"):
        assert as_operator.post(f"{URL}{annotator.pk}/{action}/")["Location"] == URL


def test_nobody_closes_their_own_account(as_operator, operator):
    make_operator("otto")

    response = as_operator.post(f"{URL}{operator.pk}/deactivate/")

    assert response.status_code == 422
    assert "your own account is closed by another operator" in response.content.decode()
    assert User.objects.get(pk=operator.pk).is_active


def test_the_last_operator_stays(operator):
    leaving = make_operator("otto")
    people.deactivate(leaving, by=operator)

    # Somebody whose own account was closed while they sent the form.
    with pytest.raises(people.LastOperator):
        people.deactivate(operator, by=leaving)


def test_a_new_password_is_shown_once_and_ends_all_sessions(as_operator, annotator):
    client = logged_in(annotator)

    response = as_operator.post(f"{URL}{annotator.pk}/password/")

    annotator.refresh_from_db()
    assert annotator.check_password(password_in(response))
    assert annotator.must_change_password
    assert client.get("/account/").status_code == 302
    assert "no-store" in response["Cache-Control"]


def test_operators_change_their_own_password_on_their_own_page(as_operator, operator):
    response = as_operator.post(f"{URL}{operator.pk}/password/")

    assert response.status_code == 422
    assert "on your account page" in response.content.decode()
    operator.refresh_from_db()
    assert operator.check_password(PASSWORD)


@pytest.mark.parametrize("words", ["costa", "ANA", "ana costa", "ana@example"])
def test_people_are_found_by_parts_of_their_names(words, as_operator, reviewer, annotator):
    User.objects.filter(pk=annotator.pk).update(
        first_name="Ana", last_name="Costa", email="ana@example.org"
    )

    page = as_operator.get(URL, {"q": words}).content.decode()

    assert "Ana Costa" in page
    assert "rafa" not in page


def test_a_search_without_a_match_says_so(as_operator):
    assert "Nobody is called so" in as_operator.get(URL, {"q": "% _"}).content.decode()


def test_a_long_list_comes_in_pages_of_the_same_cost(as_operator, django_assert_max_num_queries):
    for number in range(60):
        make_user(f"zoe{number:02}")

    with django_assert_max_num_queries(7):
        page = as_operator.get(URL, {"q": "zoe"}).content.decode()

    assert "1–50 of 60" in page
    assert "?q=zoe&amp;page=2" in page


class TestFirstAdmin:
    def test_an_empty_install_gets_one(self, db):
        password = people.create_first_admin()

        admin = User.objects.get()
        assert (admin.username, admin.is_superuser) == ("admin", True)
        assert admin.check_password(password)
        assert len(password) >= 20

    def test_an_install_with_people_gets_none(self, annotator):
        assert people.create_first_admin() is None
        assert User.objects.count() == 1

    def test_the_command_shows_the_password_once(self, db):
        first, second = StringIO(), StringIO()

        call_command("first_admin", stdout=first)
        call_command("first_admin", stdout=second)

        password = first.getvalue().split()[-1]
        assert User.objects.get().check_password(password)
        assert second.getvalue() == "There are people already. Nothing was changed.\n"
