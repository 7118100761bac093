"""/account/, /account/password/ and /theme/"""

import pytest

from accounts.forms import NUL
from accounts.models import User
from tests.factories import PASSWORD, make_user
from tests.roles import logged_in

NEW = "three green bottles"


def change(client, *, old=PASSWORD, new=NEW, again=None, **more):
    typed = {"old_password": old, "new_password1": new, "new_password2": again or new, **more}
    return client.post("/account/password/", typed)


def test_everybody_changes_their_own_name_and_address(as_annotator, annotator):
    typed = {"first_name": "Ana", "last_name": "Costa", "email": "ana@example.org"}

    response = as_annotator.post("/account/", typed)

    assert response["Location"] == "/account/"
    annotator.refresh_from_db()
    assert annotator.get_full_name() == "Ana Costa"
    assert annotator.email == "ana@example.org"


def test_nothing_but_name_and_address_can_be_sent(as_annotator, annotator):
    as_annotator.post("/account/", {"first_name": "Ana", "is_superuser": "on", "username": "x"})

    annotator.refresh_from_db()
    assert (annotator.is_superuser, annotator.username) == (False, "ana")


@pytest.mark.parametrize("typed", [{"email": "no address"}, {"first_name": "A" * 151}])
def test_what_cannot_be_stored_brings_the_form_again(typed, as_annotator, annotator):
    response = as_annotator.post("/account/", typed)

    assert response.status_code == 422
    assert "ana" in response.content.decode()
    annotator.refresh_from_db()
    assert annotator.email == ""


def test_a_nul_in_a_name_brings_the_form_again(as_annotator):
    response = as_annotator.post("/account/", {"first_name": "A\0na"})

    assert response.status_code == 422
    assert NUL in response.content.decode()


def test_the_account_page_says_which_bots_somebody_works_on(as_reviewer):
    page = as_reviewer.get("/account/").content.decode()

    assert "Bank bot" in page
    assert "Reviewer" in page


def test_a_new_password_keeps_this_session_and_ends_the_others(annotator):
    here, elsewhere = logged_in(annotator), logged_in(annotator)

    assert change(here)["Location"] == "/"

    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    annotator.refresh_from_db()
    assert annotator.check_password(NEW)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"old": "not this"}, "This is not your present password."),
        ({"again": "three green cans"}, "The two new passwords differ."),
        ({"new": "short"}, "at least 10 characters"),
        ({"new": "a\0bcdefghijkl"}, NUL),
    ],
)
def test_a_password_that_cannot_be_taken_is_not_changed(typed, sentence, as_annotator, annotator):
    response = change(as_annotator, **typed)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    annotator.refresh_from_db()
    assert annotator.check_password(PASSWORD)


class TestFirstPassword:
    @pytest.fixture
    def newcomer(self, db):
        return make_user("nils", must_change_password=True)

    def test_every_page_leads_to_the_password_page(self, newcomer):
        response = logged_in(newcomer).get("/settings/?x=1")

        assert response["Location"] == "/account/password/?next=/settings/%3Fx%3D1"

    def test_a_fragment_leads_there_too(self, newcomer):
        response = logged_in(newcomer).get("/jobs/rows/", headers={"hx-request": "true"})

        assert response["HX-Redirect"].startswith("/account/password/")

    def test_the_password_page_and_the_way_out_are_open(self, newcomer):
        client = logged_in(newcomer)

        assert client.get("/account/password/").status_code == 200
        assert client.post("/logout/")["Location"] == "/login/"

    def test_an_own_password_opens_the_rest(self, newcomer):
        client = logged_in(newcomer)

        response = change(client, next="/account/")

        assert response["Location"] == "/account/"
        assert client.get("/account/").status_code == 200
        assert not User.objects.get(pk=newcomer.pk).must_change_password


class TestTheme:
    def test_the_choice_is_kept_for_a_year(self, anonymous):
        response = anonymous.post("/theme/", {"theme": "dark", "next": "/login/"})

        assert response["Location"] == "/login/"
        assert response.cookies["theme"].value == "dark"
        assert response.cookies["theme"]["max-age"] == 60 * 60 * 24 * 365
        assert 'data-theme="dark"' in anonymous.get("/login/").content.decode()

    def test_the_system_decides_again(self, anonymous):
        anonymous.post("/theme/", {"theme": "dark"})

        anonymous.post("/theme/", {"theme": "system"})

        assert "data-theme=" not in anonymous.get("/login/").content.decode().split(">")[1]

    def test_another_word_cannot_be_read(self, anonymous):
        assert anonymous.post("/theme/", {"theme": "pink"}).status_code == 400

    def test_it_never_leads_to_another_site(self, anonymous):
        response = anonymous.post("/theme/", {"theme": "dark", "next": "//evil.example"})

        assert response["Location"] == "/"
