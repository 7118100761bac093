"""/settings/keys/"""

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import connection
from django.utils import timezone

from accounts import keys
from accounts.forms import NUL
from accounts.models import ApiKey
from tests.factories import make_key

URL = "/settings/keys/"


def create(client, **typed):
    return client.post(URL, {"name": "web", "scopes": ["predict", "read"], **typed})


def token_in(response):
    found = re.search(r"ll_[a-z0-9]{8}_[\w-]{43}", response.content.decode())
    return found.group(0) if found else None


def everything_stored():
    """All rows of all tables, as text."""
    with connection.cursor() as cursor:
        text = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t")
            text += [row for (row,) in cursor.fetchall()]
    return "\n".join(text)


def test_a_key_is_shown_once_and_only_its_fingerprint_is_stored(as_admin, bot):
    response = create(as_admin)

    token = token_in(response)
    key = ApiKey.objects.get()
    assert key.digest == sha256(token.encode()).hexdigest()
    assert key.prefix == token[3:11]
    assert key.scopes == ["predict", "read"]
    assert "no-store" in response["Cache-Control"]
    assert token_in(as_admin.get(URL)) is None
    assert token not in everything_stored()


def test_a_key_expires_after_the_days_that_were_asked_for(as_admin, bot):
    create(as_admin, days="30")

    assert ApiKey.objects.get().lifetime == timedelta(days=30)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "w" * 61}, "at most 60 characters"),
        ({"name": "w\0eb"}, NUL),
        ({"scopes": []}, "This field is required."),
        ({"scopes": ["everything"]}, "Select a valid choice."),
        ({"days": "0"}, "greater than or equal to 1"),
        ({"days": str(10**30)}, "less than or equal to 3650"),
        ({"days": "soon"}, "Enter a whole number."),
    ],
)
def test_what_cannot_be_used_brings_the_form_again(typed, sentence, as_admin, bot):
    response = create(as_admin, **typed)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not ApiKey.objects.exists()


def test_a_third_live_key_of_one_name_is_refused(as_admin, bot):
    create(as_admin)
    create(as_admin)

    response = create(as_admin)

    assert response.status_code == 422
    assert "Two keys of this name are live" in response.content.decode()
    assert ApiKey.objects.of(bot).count() == 2


def test_revoked_and_expired_keys_make_room(as_admin, bot, admin):
    keys.revoke(make_key(bot, by=admin).key, by=admin)
    expired = make_key(bot, by=admin).key
    past = timezone.now() - timedelta(days=2)
    ApiKey.objects.filter(pk=expired.pk).update(
        created_at=past, expires_at=past + timedelta(days=1)
    )
    make_key(bot, by=admin)

    assert create(as_admin).status_code == 200


def test_other_names_and_other_bots_are_counted_apart(bot, other_bot, admin):
    for where, name in [(bot, "web"), (bot, "phone"), (other_bot, "web")]:
        make_key(where, name=name, by=admin)
        make_key(where, name=name, by=admin)

    assert ApiKey.objects.count() == 6


def test_rotating_makes_a_second_key_like_the_first(as_admin, bot, admin):
    first = make_key(bot, by=admin, scopes=["predict"], lasts=timedelta(days=10))

    response = as_admin.post(f"{URL}{first.key.pk}/rotate/")

    second = keys.recognise(token_in(response))
    assert "no-store" in response["Cache-Control"]
    assert (second.name, second.scopes) == ("web", ["predict"])
    assert second.lifetime == first.key.lifetime
    assert keys.recognise(first.token) == first.key


def test_rotating_a_third_time_is_refused_until_one_is_revoked(as_admin, key):
    as_admin.post(f"{URL}{key.key.pk}/rotate/")

    response = as_admin.post(f"{URL}{key.key.pk}/rotate/")

    assert response.status_code == 422
    assert "Two keys of this name are live" in response.content.decode()


def test_a_key_that_somebody_revoked_meanwhile_is_not_rotated(as_admin, key, admin):
    keys.revoke(key.key, by=admin)

    response = as_admin.post(f"{URL}{key.key.pk}/rotate/")

    assert response.status_code == 409
    assert "No key was made" in response.content.decode()


def test_a_revoked_key_is_refused_at_the_next_request(as_admin, as_bot, key):
    assert as_bot.get("/api/v1/key").status_code == 200

    as_admin.post(f"{URL}{key.key.pk}/revoke/")

    assert as_bot.get("/api/v1/key").status_code == 401


def test_revoking_twice_is_harmless(as_admin, key):
    as_admin.post(f"{URL}{key.key.pk}/revoke/")
    revoked_at = ApiKey.objects.get().revoked_at

    response = as_admin.post(f"{URL}{key.key.pk}/revoke/")

    assert response["Location"] == URL
    assert ApiKey.objects.get().revoked_at == revoked_at


def test_the_keys_of_another_bot_do_not_exist(as_other_admin, key):
    for action in ("rotate", "revoke"):
        assert as_other_admin.post(f"{URL}{key.key.pk}/{action}/").status_code == 404
    assert token_in(as_other_admin.get(URL)) is None
    assert key.key.prefix not in as_other_admin.get(URL).content.decode()


def test_each_key_says_what_became_of_it(as_admin, bot, admin):
    make_key(bot, by=admin, name="live one")
    keys.revoke(make_key(bot, by=admin, name="revoked one").key, by=admin)
    past = timezone.now() - timedelta(days=2)
    ApiKey.objects.filter(pk=make_key(bot, by=admin, name="expired one").key.pk).update(
        created_at=past, expires_at=past + timedelta(days=1)
    )

    page = as_admin.get(URL).content.decode()

    assert all(f"{word}</span>" in page for word in ("Live", "Expired", "Revoked"))
    assert page.count("Revoke the key</button>") == 1


def test_without_keys_the_page_says_what_they_are_for(as_admin):
    assert "No keys yet" in as_admin.get(URL).content.decode()


def test_a_long_list_comes_in_pages_of_the_same_cost(
    as_admin, bot, admin, django_assert_max_num_queries
):
    for number in range(60):
        make_key(bot, by=admin, name=f"key {number}")

    with django_assert_max_num_queries(8):
        page = as_admin.get(URL).content.decode()

    assert page.count("key 5") == 10 * page.count("key 59")
    assert "1–50 of 60" in page


def test_markup_in_a_name_is_shown_as_it_was_typed(as_admin, bot):
    created = create(as_admin, name="<img src=x>").content.decode()
    listed = as_admin.get(URL).content.decode()

    for page in (created, listed):
        assert "<img src=x>" not in page
        assert "&lt;img src=x&gt;" in page
