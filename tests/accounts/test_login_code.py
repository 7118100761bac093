"""/login/code/"""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import people, second_factors
from accounts.forms import NUL
from accounts.models import Authenticator
from accounts.views import half_login
from tests.accounts.codes import code_of, set_up, wrong_code_of
from tests.accounts.test_login import log_in

URL = "/login/code/"


@pytest.fixture
def recovery_codes(annotator):
    """Those of ana, whose login asks for a code."""
    return set_up(annotator)


@pytest.fixture
def half_in(recovery_codes):
    """A browser in which ana has given the right password, and no code yet."""
    client = Client()
    log_in(client, next="/account/?tab=2")
    return client


def answer(client, code="", **more):
    return client.post(URL, {"code": code, **more})


def is_in(client):
    return client.get("/account/").status_code == 200


def fail_often(user, *, times):
    """As if the last of `times` wrong codes had come just now."""
    Authenticator.objects.of(user).update(
        throttling_failure_count=times, throttling_failure_timestamp=timezone.now()
    )


def test_the_right_password_alone_lets_nobody_in(anonymous, recovery_codes):
    response = log_in(anonymous)

    assert response["Location"] == URL
    assert not is_in(anonymous)
    assert "_auth_user_id" not in anonymous.session


def test_the_code_lets_in_and_leads_to_the_page_that_was_wanted(half_in, annotator):
    response = answer(half_in, code_of(annotator))

    assert response["Location"] == "/account/?tab=2"
    assert is_in(half_in)
    assert half_login.KEPT not in half_in.session


def test_without_a_second_factor_the_password_is_enough(anonymous, annotator):
    assert log_in(anonymous)["Location"] == "/"
    assert is_in(anonymous)


def test_a_second_factor_that_was_not_confirmed_is_not_asked_for(anonymous, annotator):
    second_factors.start(annotator)

    assert log_in(anonymous)["Location"] == "/"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "javascript:1"])
def test_the_code_never_leads_to_another_site(elsewhere, anonymous, annotator, recovery_codes):
    log_in(anonymous, next=elsewhere)

    assert answer(anonymous, code_of(annotator), next=elsewhere)["Location"] == "/"


def test_the_session_gets_a_new_key_at_the_password_and_at_the_code(
    anonymous, annotator, recovery_codes
):
    planted = anonymous.session
    planted["x"] = 1
    planted.save()
    anonymous.cookies["sessionid"] = planted.session_key
    log_in(anonymous)
    half = anonymous.session.session_key
    answer(anonymous, code_of(annotator))
    full = anonymous.session.session_key

    assert len({planted.session_key, half, full}) == 3
    assert [session.pk for session in Session.objects.all()] == [full]


def test_the_page_asks_a_phone_for_its_code_and_is_not_kept(half_in):
    response = half_in.get(URL)

    page = response.content.decode()
    assert 'inputmode="numeric"' in page
    assert 'autocomplete="one-time-code"' in page
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_gets_to_the_code_without_the_password(method, anonymous, recovery_codes):
    response = getattr(anonymous, method)(URL)

    assert response["Location"] == "/login/"


def test_somebody_who_is_in_is_led_on(as_annotator):
    response = as_annotator.get(URL, follow=True)

    assert response.redirect_chain[-1][0] == "/"


def test_a_wrong_code_brings_the_form_again(half_in, annotator):
    wrong = wrong_code_of(annotator)

    response = answer(half_in, wrong)

    assert response.status_code == 422
    assert "This code is not right" in response.content.decode()
    assert wrong not in response.content.decode()
    assert not is_in(half_in)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Type the six digits that your app shows, or a recovery code."),
        ({"code": "12345"}, "A code has six digits."),
        ({"code": "١٢٣٤٥٦"}, "A code has six digits."),
        ({"code": "1\0"}, NUL),
        ({"recovery_code": "abcd-efgh"}, "A recovery code has sixteen letters and digits."),
        ({"recovery_code": "a\0"}, NUL),
        ({"recovery_code": "x" * 41}, "at most 40 characters"),
    ],
)
def test_what_can_be_no_code_is_not_counted_as_a_try(typed, sentence, half_in, annotator):
    response = half_in.post(URL, typed)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Authenticator.objects.get().throttling_failure_count == 0


def test_a_code_may_be_typed_with_a_gap(half_in, annotator):
    code = code_of(annotator)

    answer(half_in, f" {code[:3]} {code[3:]} ")

    assert is_in(half_in)


def test_a_code_works_once(half_in, annotator):
    code = code_of(annotator)
    answer(half_in, code)
    second = Client()
    log_in(second)

    response = answer(second, code)

    assert response.status_code == 422
    assert "or it was used before" in response.content.decode()
    assert not is_in(second)


@pytest.mark.parametrize("later", [-5, 5])
def test_a_code_from_minutes_ago_or_ahead_is_refused(later, half_in, annotator):
    response = answer(half_in, code_of(annotator, later=later))

    assert response.status_code == 422
    assert not is_in(half_in)


def test_after_wrong_codes_even_the_right_one_waits(half_in, annotator):
    fail_often(annotator, times=6)

    response = answer(half_in, code_of(annotator))

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 32
    assert f"looked at for {response['Retry-After']} second" in response.content.decode()
    assert not is_in(half_in)


def test_a_long_pause_is_said_in_minutes(half_in, annotator):
    fail_often(annotator, times=12)

    assert "looked at for 35 minutes" in answer(half_in, "000000").content.decode()


def test_a_pause_ends_by_itself(half_in, annotator):
    fail_often(annotator, times=6)
    Authenticator.objects.update(
        throttling_failure_timestamp=timezone.now() - timedelta(seconds=33)
    )

    answer(half_in, code_of(annotator))

    assert is_in(half_in)
    assert Authenticator.objects.get().throttling_failure_count == 0


def test_each_wrong_code_counts(half_in, annotator):
    answer(half_in, wrong_code_of(annotator))
    answer(half_in, recovery_code="a" * 16)

    device = Authenticator.objects.get()
    assert device.throttling_failure_count == 1
    assert annotator.staticdevice_set.get().throttling_failure_count == 1


def test_after_five_minutes_the_password_is_asked_for_again(half_in, annotator):
    session = half_in.session
    session[half_login.KEPT] |= {"at": timezone.now().timestamp() - half_login.LASTS - 1}
    session.save()

    response = answer(half_in, code_of(annotator))

    assert response["Location"] == "/login/?next=/account/%3Ftab%3D2"
    assert "has to come within five minutes" in half_in.get("/login/").content.decode()
    assert not is_in(half_in)


@pytest.mark.parametrize("change", ["close", "password"])
def test_a_change_of_the_account_ends_the_wait_for_the_code(change, half_in, annotator, operator):
    code = code_of(annotator)
    if change == "close":
        people.deactivate(annotator, by=operator)
    else:
        people.reset_password(annotator, by=operator)

    assert answer(half_in, code)["Location"].startswith("/login/?")
    assert not is_in(half_in)


def test_a_reset_during_the_wait_leads_back_to_the_password(half_in, annotator, operator):
    code = code_of(annotator)
    second_factors.reset(annotator, by=operator)

    assert answer(half_in, code)["Location"].startswith("/login/?")
    assert not is_in(half_in)


def test_the_code_of_another_person_is_refused(half_in, reviewer, annotator):
    set_up(reviewer)

    assert answer(half_in, code_of(reviewer)).status_code == 422


def test_the_right_password_forgives_wrong_ones_only_with_the_code(
    anonymous, annotator, recovery_codes
):
    log_in(anonymous, password="not this")
    log_in(anonymous)
    before = AccessAttempt.objects.count()

    answer(anonymous, code_of(annotator))

    assert (before, AccessAttempt.objects.count()) == (1, 0)


class TestRecoveryCodes:
    def test_one_lets_in_without_the_phone(self, half_in, recovery_codes):
        response = answer(half_in, recovery_code=recovery_codes[3])

        assert response["Location"] == "/account/?tab=2"
        assert is_in(half_in)

    def test_it_may_be_typed_in_capitals_and_without_dashes(self, half_in, recovery_codes):
        answer(half_in, recovery_code=recovery_codes[3].upper().replace("-", " "))

        assert is_in(half_in)

    def test_each_works_once(self, half_in, recovery_codes):
        answer(half_in, recovery_code=recovery_codes[3])
        second = Client()
        log_in(second)

        assert answer(second, recovery_code=recovery_codes[3]).status_code == 422
        assert not is_in(second)

    def test_those_of_another_person_are_refused(self, half_in, reviewer):
        codes = set_up(reviewer)

        assert answer(half_in, recovery_code=codes[0]).status_code == 422


def test_a_session_with_a_code_costs_one_query_more_and_others_none(
    half_in, annotator, as_reviewer, django_assert_num_queries
):
    answer(half_in, code_of(annotator))

    # Session, person with bots and memberships.
    with django_assert_num_queries(2):
        as_reviewer.get("/settings/")
    # And the authenticator that the session was verified with.
    with django_assert_num_queries(3):
        half_in.get("/settings/")


def test_a_key_needs_no_code(as_bot, admin):
    set_up(admin)

    assert as_bot.get("/api/v1/key").status_code == 200


def test_the_password_page_is_never_passed_over(half_in):
    assert 'name="password"' in half_in.get("/login/").content.decode()
