"""/settings/webhooks/ and what becomes of a secret"""

import re
from base64 import b64decode
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import webhook_secrets
from accounts.models import WebhookSecret
from accounts.sealing import SealBroken
from tests.accounts.test_keys import everything_stored

URL = "/settings/webhooks/"


def text_in(response):
    found = re.search(r"whsec_[A-Za-z0-9+/]{43}=", response.content.decode())
    return found.group(0) if found else None


def test_a_secret_is_shown_once_and_stored_sealed(as_admin, bot):
    response = as_admin.post(URL)

    text = text_in(response)
    assert "no-store" in response["Cache-Control"]
    assert text_in(as_admin.get(URL)) is None
    assert text.removeprefix("whsec_") not in everything_stored()
    assert webhook_secrets.live_secrets(bot) == [b64decode(text.removeprefix("whsec_"))]


def test_a_third_live_secret_is_refused(as_admin, bot):
    as_admin.post(URL)
    as_admin.post(URL)

    response = as_admin.post(URL)

    assert response.status_code == 422
    assert "No secret was made: two are live" in response.content.decode()
    assert len(webhook_secrets.live_secrets(bot)) == 2


def test_a_revoked_secret_is_forgotten(as_admin, bot, secret):
    response = as_admin.post(f"{URL}{secret.secret.pk}/revoke/")

    assert response["Location"] == URL
    assert webhook_secrets.live_secrets(bot) == []
    assert WebhookSecret.objects.get().sealed == ""


def test_revoking_twice_is_harmless(as_admin, secret):
    as_admin.post(f"{URL}{secret.secret.pk}/revoke/")
    revoked_at = WebhookSecret.objects.get().revoked_at

    as_admin.post(f"{URL}{secret.secret.pk}/revoke/")

    assert WebhookSecret.objects.get().revoked_at == revoked_at


def test_the_secrets_of_another_bot_do_not_exist(as_other_admin, secret, other_bot):
    assert as_other_admin.post(f"{URL}{secret.secret.pk}/revoke/").status_code == 404
    assert secret.secret.prefix not in as_other_admin.get(URL).content.decode()
    assert webhook_secrets.live_secrets(other_bot) == []


def test_without_secrets_the_page_says_what_they_are_for(as_admin):
    assert "No secrets yet" in as_admin.get(URL).content.decode()


def test_a_new_first_key_opens_the_old_and_reseals_it(bot, secret, settings):
    before = webhook_secrets.live_secrets(bot)
    settings.ENCRYPTION_KEYS = ["the new one", *settings.ENCRYPTION_KEYS]
    assert webhook_secrets.live_secrets(bot) == before

    out = StringIO()
    call_command("reseal_secrets", stdout=out)

    assert out.getvalue().startswith("1 webhook secrets, 0 second factors and 0 salts are sealed")
    settings.ENCRYPTION_KEYS = ["the new one"]
    assert webhook_secrets.live_secrets(bot) == before


def test_a_lost_key_is_said_and_not_passed_over(bot, secret, settings):
    settings.ENCRYPTION_KEYS = ["another one"]

    with pytest.raises(SealBroken):
        webhook_secrets.live_secrets(bot)
    with pytest.raises(CommandError, match="Put that key back"):
        call_command("reseal_secrets")


def test_the_salt_of_a_bot_is_resealed_and_stays_what_it_was(bot, settings):
    from accounts import pseudonyms

    before = pseudonyms.salt_of(bot)
    settings.ENCRYPTION_KEYS = ["a new key", *settings.ENCRYPTION_KEYS]
    pseudonyms.reseal_all()
    settings.ENCRYPTION_KEYS = ["a new key"]
    bot.refresh_from_db()

    assert pseudonyms.salt_of(bot) == before
