"""/login/ and /logout/"""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.forms import NUL
from tests.factories import PASSWORD

URL = "/login/"


def log_in(client, username="ana", password=PASSWORD, **more):
    return client.post(URL, {"username": username, "password": password, **more})


def test_the_right_password_leads_to_the_first_page(anonymous, annotator):
    response = log_in(anonymous)

    assert response.status_code == 302
    assert response["Location"] == "/"


def test_the_login_leads_back_to_the_page_that_was_wanted(anonymous, annotator):
    wanted = anonymous.get("/account/?tab=2")
    assert wanted["Location"] == "/login/?next=/account/%3Ftab%3D2"

    response = log_in(anonymous, next="/account/?tab=2")

    assert response["Location"] == "/account/?tab=2"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "javascript:1"])
def test_the_login_never_leads_to_another_site(elsewhere, anonymous, annotator):
    response = log_in(anonymous, next=elsewhere)

    assert response["Location"] == "/"


def test_the_wrong_password_brings_the_form_again(anonymous, annotator):
    response = log_in(anonymous, password="not this")

    assert response.status_code == 422
    assert "No account has this username and password." in response.content.decode()
    assert "not this" not in response.content.decode()


def test_a_closed_account_reads_the_same_as_a_wrong_password(anonymous, annotator):
    annotator.is_active = False
    annotator.save()

    response = log_in(anonymous)

    assert response.status_code == 422
    assert "No account has this username and password." in response.content.decode()


@pytest.mark.parametrize("typed", [{"username": "a\0na"}, {"password": "a\0b"}])
def test_a_nul_brings_the_form_again_with_a_sentence(typed, anonymous, annotator):
    response = log_in(anonymous, **typed)

    assert response.status_code == 422
    assert NUL in response.content.decode()


def test_after_too_many_tries_even_the_right_password_waits(anonymous, annotator, settings):
    for _ in range(settings.LOGIN_TRIES):
        last = log_in(anonymous, password="not this")
    assert last.status_code == 429

    response = log_in(anonymous)

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= settings.LOGIN_PAUSE * 60
    assert "15 minutes" in response.content.decode()


def test_the_pause_is_not_lengthened_by_tries_during_it(anonymous, annotator, settings):
    for _ in range(settings.LOGIN_TRIES + 3):
        log_in(anonymous, password="not this")
    AccessAttempt.objects.update(
        attempt_time=timezone.now() - timedelta(minutes=settings.LOGIN_PAUSE)
    )

    response = log_in(anonymous)

    assert AccessAttempt.objects.count() == 0
    assert response.status_code == 302


def test_the_pause_is_for_one_account_from_one_address(anonymous, annotator, reviewer, settings):
    for _ in range(settings.LOGIN_TRIES):
        log_in(anonymous, password="not this")

    assert log_in(anonymous, username="rafa").status_code == 302
    anonymous.logout()
    elsewhere = anonymous.post(
        URL, {"username": "ana", "password": PASSWORD}, REMOTE_ADDR="192.0.2.7"
    )
    assert elsewhere.status_code == 302


class TestWiderLimits:
    """Of one address over all accounts, and of one account over all addresses."""

    @pytest.fixture(autouse=True)
    def _people(self, annotator, reviewer):
        pass

    def test_one_address_that_tries_many_accounts_has_to_wait(self, anonymous, settings):
        answers = [spray(anonymous, number).status_code for number in range(51)]

        assert settings.LOGIN_TRIES_PER_ADDRESS == 50
        assert answers == [422] * 49 + [429] * 2
        response = log_in(anonymous)
        assert response.status_code == 429
        assert 0 < int(response["Retry-After"]) <= settings.LOGIN_PAUSE * 60
        assert "15 minutes" in response.content.decode()

    def test_one_account_that_is_tried_from_many_addresses_has_to_wait(self, anonymous, settings):
        answers = [besiege(anonymous, number).status_code for number in range(51)]

        assert settings.LOGIN_TRIES_PER_ACCOUNT == 50
        assert answers == [422] * 49 + [429] * 2
        assert log_in(anonymous).status_code == 429

    def test_others_do_not_wait(self, anonymous):
        for number in range(50):
            besiege(anonymous, number)
        assert log_in(anonymous, username="rafa").status_code == 302
        AccessAttempt.objects.all().delete()
        for number in range(50):
            spray(anonymous, number)
        assert log_in(Client(REMOTE_ADDR="192.0.2.99")).status_code == 302

    @pytest.mark.parametrize("attack", ["spray", "besiege"])
    def test_the_pause_ends_by_itself_whatever_is_tried_during_it(
        self, attack, anonymous, settings
    ):
        for number in range(60):
            ATTACKS[attack](anonymous, number)
        assert log_in(anonymous).status_code == 429
        assert AccessAttempt.objects.count() == 50

        went_by(settings.LOGIN_PAUSE)

        assert log_in(anonymous).status_code == 302

    def test_the_page_says_how_long_it_is_until_one_more_try(self, anonymous, settings):
        spray(anonymous, 0)
        went_by(10)
        for number in range(1, 50):
            spray(anonymous, number)

        response = log_in(anonymous)

        assert 290 < int(response["Retry-After"]) <= 300
        went_by(5)
        assert log_in(anonymous).status_code == 302

    def test_the_way_an_address_is_written_makes_no_difference(self, anonymous, settings):
        settings.LOGIN_TRIES_PER_ADDRESS = 3
        same = ("2001:db8::1", "2001:DB8:0:0::1", "2001:0db8::0001", "::ffff:192.0.2.1")
        for number, written in enumerate(same[:3]):
            spray(Client(REMOTE_ADDR=written), number)

        assert log_in(Client(REMOTE_ADDR=same[0])).status_code == 429
        for number in range(3):
            spray(Client(REMOTE_ADDR=same[3]), number)
        assert log_in(Client(REMOTE_ADDR=same[3])).status_code == 429

    def test_ones_own_password_does_not_forget_what_was_tried_on_others(self, anonymous):
        for number in range(49):
            spray(anonymous, number)
        log_in(anonymous)
        anonymous.logout()

        assert spray(anonymous, 50).status_code == 429

    def test_just_below_the_limits_nothing_changes(self, anonymous, settings):
        for number in range(49):
            spray(anonymous, number)
        for number in range(49):
            besiege(anonymous, number)

        assert log_in(anonymous).status_code == 302

    def test_people_without_an_address_share_none(self, settings):
        settings.LOGIN_TRIES_PER_ADDRESS = 2
        client = Client(REMOTE_ADDR="")
        for number in range(3):
            spray(client, number)

        assert log_in(client).status_code == 302

    @pytest.mark.parametrize("password", [PASSWORD, "not this"])
    def test_they_cost_no_further_query(self, password, settings):
        with CaptureQueriesContext(connection) as with_them:
            log_in(Client(), password=password)
        AccessAttempt.objects.all().delete()
        settings.AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"

        with CaptureQueriesContext(connection) as without:
            log_in(Client(), password=password)

        assert len(with_them) <= len(without)


def spray(client, number):
    """Try one account of many, with a password that somebody may have."""
    return log_in(client, username=f"user{number}", password="password1")


def besiege(client, number):
    """Try one account from one address of many."""
    typed = {"username": "ana", "password": f"password{number}"}
    return client.post(URL, typed, REMOTE_ADDR=f"198.51.100.{number}")


ATTACKS = {"spray": spray, "besiege": besiege}


def went_by(minutes):
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=minutes))


def test_logging_out_ends_the_session(as_annotator):
    response = as_annotator.post("/logout/")

    assert response["Location"] == "/login/"
    assert as_annotator.get("/account/").status_code == 302


def test_logging_out_by_a_link_is_refused(as_annotator):
    assert as_annotator.get("/logout/").status_code == 405
    assert as_annotator.get("/account/").status_code == 200


def test_logging_out_twice_is_harmless(anonymous):
    assert anonymous.post("/logout/")["Location"] == "/login/"


class TestExpiredSession:
    def test_a_fragment_sends_the_whole_page_to_the_login(self, anonymous):
        response = anonymous.get(
            "/jobs/rows/",
            headers={"hx-request": "true", "hx-current-url": "http://testserver/jobs/?state=done"},
        )

        assert response.status_code == 200
        assert response["HX-Redirect"] == "/login/?next=/jobs/%3Fstate%3Ddone"
        assert response.content == b""

    def test_a_fragment_of_another_site_leads_to_the_first_page(self, anonymous):
        response = anonymous.get(
            "/jobs/rows/",
            headers={"hx-request": "true", "hx-current-url": "http://evil.example/x"},
        )

        assert response["HX-Redirect"] == "/login/?next=/"

    def test_a_form_leads_back_to_the_page_it_was_on(self, anonymous):
        response = anonymous.post(
            "/settings/members/add/", headers={"referer": "http://testserver/settings/members/"}
        )

        assert response["Location"] == "/login/?next=/settings/members/"

    def test_a_form_of_another_site_leads_to_the_first_page(self, anonymous):
        response = anonymous.post("/bot/", headers={"referer": "http://evil.example/x"})

        assert response["Location"] == "/login/?next=/"

    def test_the_api_answers_in_its_own_words(self, anonymous):
        response = anonymous.get("/api/v1/openapi.json")

        assert response.status_code == 401
        assert response.json()["error"]["code"] == "login_needed"
        assert response.json()["request_id"]
