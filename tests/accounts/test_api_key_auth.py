"""What the API makes of a key"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey
from tests.factories import make_key
from tests.roles import with_key

URL = "/api/v1/key"


def test_a_live_key_reads_what_it_may_do(as_bot, key):
    response = as_bot.get(URL)

    assert response.status_code == 200
    assert response.json() == {
        "bot": {"slug": "bank-bot", "name": "Bank bot"},
        "name": "web",
        "prefix": key.key.prefix,
        "scopes": ["predict", "feedback", "read"],
        "expires_at": None,
    }


def expired(issued):
    past = timezone.now() - timedelta(days=2)
    ApiKey.objects.filter(pk=issued.key.pk).update(
        created_at=past, expires_at=past + timedelta(days=1)
    )
    return f"Bearer {issued.token}"


def revoked(issued):
    keys.revoke(issued.key, by=issued.key.created_by)
    return f"Bearer {issued.token}"


@pytest.mark.parametrize(
    "header_for",
    [
        lambda issued: "",
        lambda issued: "Bearer",
        lambda issued: "Bearer ",
        lambda issued: issued.token,
        lambda issued: f"Basic {issued.token}",
        lambda issued: f"Bearer {issued.token[:-1]}",
        lambda issued: f"Bearer {issued.token}x",
        lambda issued: f"Bearer ll_{issued.key.prefix}_{'A' * 43}",
        lambda issued: f"Bearer ll_{'z' * 8}_{issued.token[12:]}",
        lambda issued: f"Bearer {issued.token[:20]}\0{issued.token[21:]}",
        lambda issued: f"Bearer {issued.token[:20]}é{issued.token[21:]}",
        lambda issued: f"Bearer {'A' * 100_000}",
        expired,
        revoked,
    ],
)
def test_every_key_that_is_not_live_gets_the_same_answer(header_for, key):
    response = Client(headers={"authorization": header_for(key)}).get(URL)

    body = response.json()
    assert response.status_code == 401
    assert body.pop("request_id")
    assert body == {
        "error": {
            "code": "bad_key",
            "message": "Send a live API key of your bot as `Authorization: Bearer ll_…`. "
            "Keys are made under Settings, API keys.",
            "field": None,
        }
    }
    assert response["WWW-Authenticate"] == "Bearer"


def test_the_request_id_is_the_one_in_the_header(anonymous):
    response = anonymous.get(URL)

    assert response.json()["request_id"] == response["X-Request-ID"]


def test_a_key_goes_on_when_who_made_it_is_gone(as_bot, admin):
    admin.is_active = False
    admin.save()

    assert as_bot.get(URL).status_code == 200


def test_the_use_of_a_key_is_noted_once_a_minute(as_bot, key):
    as_bot.get(URL)
    first = ApiKey.objects.get().last_used_at
    with CaptureQueriesContext(
        connection,
    ) as again:
        as_bot.get(URL)

    assert first is not None
    assert ApiKey.objects.get().last_used_at == first
    assert [query for query in again if query["sql"].startswith("UPDATE")] == []

    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    as_bot.get(URL)
    assert ApiKey.objects.get().last_used_at >= first


def test_one_of_two_keys_with_the_same_prefix_is_recognised(bot, admin):
    one, two = (make_key(bot, by=admin, name=name) for name in ("web", "phone"))
    ApiKey.objects.filter(pk=two.key.pk).update(prefix=one.key.prefix)

    assert keys.recognise(one.token) == one.key


def test_a_key_that_its_bot_lost_the_scope_for_is_told_which(bot, admin):
    from django.test import RequestFactory

    from accounts.api import ApiKeyAuth
    from accounts.models import Scope
    from accounts.refusals import Refusal

    issued = make_key(bot, by=admin, scopes=["read"])
    request = RequestFactory().get("/", headers={"authorization": f"Bearer {issued.token}"})

    with pytest.raises(Refusal) as refusal:
        ApiKeyAuth(Scope.PREDICT)(request)

    assert (refusal.value.status, refusal.value.code) == (403, "missing_scope")
    assert "lacks the scope `predict`" in refusal.value.message
    assert ApiKeyAuth(Scope.READ)(request) == issued.key


def test_a_key_is_never_asked_for_a_cookie(bot, admin):
    client = with_key(make_key(bot, by=admin).token)
    strict = Client(enforce_csrf_checks=True, headers=client.defaults.get("headers"))

    assert strict.post(URL).status_code == 405
    assert client.get(URL).cookies == {}
