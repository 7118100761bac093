"""What the log says about who may do what"""

import re

import pytest

from accounts.models import Authenticator
from tests.accounts.codes import code_of, set_up, wrong_code_of
from tests.accounts.test_keys import token_in
from tests.accounts.test_members import password_in
from tests.accounts.test_second_factor import URL as FACTOR
from tests.accounts.test_second_factor import codes_in
from tests.accounts.test_webhook_secrets import text_in
from tests.factories import PASSWORD, make_key


@pytest.fixture
def events(caplog):
    """The events of the security log so far, by name."""
    caplog.set_level("INFO")
    return lambda: {
        record.msg["event"]: record.msg
        for record in caplog.records
        if record.name == "accounts.security"
    }


def test_logins_and_logouts_are_logged(anonymous, annotator, events):
    anonymous.post("/login/", {"username": "ana", "password": PASSWORD})
    anonymous.post("/logout/")

    assert events()["logged_in"]["by"] == annotator.pk
    assert events()["logged_out"]["by"] == annotator.pk


def test_a_failed_login_is_logged_without_what_was_typed(anonymous, annotator, events, caplog):
    anonymous.post("/login/", {"username": "ana", "password": "typed wrongly"})
    known = events()["login_failed"]["user_id"]
    anonymous.post("/login/", {"username": "my-password-in-the-wrong-field", "password": "x"})

    assert known == annotator.pk
    assert events()["login_failed"]["user_id"] is None
    assert "typed wrongly" not in caplog.text
    assert "my-password-in-the-wrong-field" not in caplog.text


def test_changes_of_members_are_logged(as_admin, admin, bot, annotator, events):
    member = annotator.memberships.get()
    as_admin.post(f"/settings/members/{member.pk}/role/", {"role": "reviewer"})
    as_admin.post(f"/settings/members/{member.pk}/remove/")

    about = {"by": admin.pk, "bot_id": bot.pk, "user_id": annotator.pk}
    assert about.items() <= events()["member_role_changed"].items()
    assert events()["member_role_changed"]["role"] == "reviewer"
    assert about.items() <= events()["member_removed"].items()


def test_keys_and_secrets_are_logged_by_number_alone(as_admin, bot, admin, events, caplog):
    key = token_in(as_admin.post("/settings/keys/", {"name": "web", "scopes": ["read"]}))
    secret = text_in(as_admin.post("/settings/webhooks/"))
    password = password_in(
        as_admin.post("/settings/members/add/", {"username": "nils", "role": "annotator"})
    )
    make_key(bot, by=admin)

    assert {"key_issued", "webhook_secret_issued", "member_added", "person_created"} <= set(
        events()
    )
    for shown_once in (key, secret, password):
        assert shown_once
        assert shown_once not in caplog.text


def test_what_is_shown_once_is_not_in_any_representation(key, secret):
    assert key.token not in repr(key)
    assert secret.text not in repr(secret)


def test_a_new_password_is_logged_without_it(as_annotator, annotator, events, caplog):
    new = "three green bottles"
    as_annotator.post(
        "/account/password/",
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )

    assert events()["password_changed"]["by"] == annotator.pk
    assert new not in caplog.text
    assert PASSWORD not in caplog.text


def test_the_second_factor_is_logged_without_secret_or_code(
    as_annotator, annotator, events, caplog
):
    as_annotator.post(f"{FACTOR}start/")
    secret, first = Authenticator.objects.get().secret, code_of(annotator)
    shown = codes_in(as_annotator.post(f"{FACTOR}confirm/", {"code": first}))
    second = code_of(annotator, later=1)
    shown += codes_in(as_annotator.post(f"{FACTOR}codes/", {"code": second}))
    as_annotator.post(f"{FACTOR}off/", {"recovery_code": shown[-1]})

    about = {"by": annotator.pk, "user_id": annotator.pk}
    for event in (
        "second_factor_set_up",
        "recovery_codes_made",
        "recovery_code_used",
        "second_factor_turned_off",
    ):
        assert about.items() <= events()[event].items()
    for kept_out in (secret, first, second, *shown):
        assert not re.search(rf"\b{kept_out}\b", caplog.text)
        assert not re.search(rf"\b{kept_out.replace('-', '')}\b", caplog.text)


def test_a_refused_code_is_logged_without_what_was_typed(anonymous, annotator, events, caplog):
    set_up(annotator)
    anonymous.post("/login/", {"username": "ana", "password": PASSWORD})
    wrong = wrong_code_of(annotator)
    anonymous.post("/login/code/", {"code": wrong})

    assert events()["second_factor_failed"]["user_id"] == annotator.pk
    assert "logged_in" not in events()
    assert not re.search(rf"\b{wrong}\b", caplog.text)


def test_a_reset_of_somebodys_second_factor_is_logged(as_operator, operator, annotator, events):
    set_up(annotator)
    as_operator.post(f"/settings/people/{annotator.pk}/second-factor/")

    about = {"by": operator.pk, "user_id": annotator.pk}
    assert about.items() <= events()["second_factor_reset"].items()
