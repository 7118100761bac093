"""What the log says about who may do what"""

import pytest

from tests.accounts.test_keys import token_in
from tests.accounts.test_members import password_in
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
