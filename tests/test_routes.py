"""Every route of the product, walked as everybody who could knock.

A new route needs one line in ROUTES, which stands in tests/routes.py.

Whoever may is let in: the answer is neither a login, nor 401, 403 or 404. Everybody else is
refused. What belongs to a bot does not exist for the admin of another bot.
"""

from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Scope
from annotation.refactoring import splitting
from tests.annotation.grouped import make_group
from tests.factories import (
    make_conversation,
    make_dataset,
    make_entity_type,
    make_gold,
    make_intent,
    make_item,
    make_key,
    make_model_version,
    make_run,
)
from tests.roles import logged_in, with_key
from tests.routes import (
    ANYBODY,
    GET,
    LADDER,
    OPERATOR,
    PEOPLE,
    POST,
    ROUTES,
    UNWALKED,
    WORLD,
)


def all_routes(resolver=None, namespaces=()):
    """The names of all routes, with namespaces; the pattern itself for one without a name."""
    names = []
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inside = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            names += all_routes(pattern, inside)
        elif isinstance(pattern, URLPattern):
            names.append(":".join((*namespaces, pattern.name or str(pattern.pattern))))
    return names


# ── the cast ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def member(annotator, bot):
    return annotator.memberships.get(bot=bot)


@pytest.fixture
def bot_key(key):
    return key.key


@pytest.fixture
def bot_secret(secret):
    return secret.secret


@pytest.fixture
def job(bot):
    from jobs.models import Job

    return Job.objects.create(kind="walk", bot=bot)


@pytest.fixture
def conversation(bot):
    return make_conversation(bot, turns=["hello"])


@pytest.fixture
def intent(bot):
    return make_intent(bot)


@pytest.fixture
def intent_change(intent, reviewer):
    return splitting.draft(intent, "another", by=reviewer)


@pytest.fixture
def entity_type(bot):
    return make_entity_type(bot)


@pytest.fixture
def item(bot):
    return make_item(bot)


@pytest.fixture
def dispute(item, annotator):
    from tests.annotation.giving import give

    give(item, annotator, verdict="unsure")
    return item.dispute


@pytest.fixture
def gold_label(bot, annotator):
    return make_gold(make_item(bot).turn, annotator)


@pytest.fixture
def turn_group(bot):
    return make_group(bot, ["my card is gone", "I lost my card"])


@pytest.fixture
def dataset(bot):
    return make_dataset(bot)


@pytest.fixture
def dataset_intent(dataset):
    return dataset.intents.get()


@pytest.fixture
def training_run(bot):
    return make_run(bot)


@pytest.fixture
def model_version(bot):
    return make_model_version(bot)


@pytest.fixture
def report(model_version):
    from tests.training.judged import make_full_report

    return make_full_report(model_version)


@pytest.fixture
def a_replay(bot):
    from tests.replay.played import make_replay

    return make_replay(bot)


@pytest.fixture
def turn(item):
    return item.turn


@pytest.fixture
def golden_case(bot, admin):
    from training import golden

    return golden.keep(bot, by=admin, kind="exact", texts=["where is it"])


@pytest.fixture
def nobody(db):
    """Logged in, but a member of no bot."""
    from tests.factories import make_user

    return make_user("nora")


def browser(request, name):
    if name == "anonymous":
        return Client()
    return logged_in(request.getfixturevalue(name))


def keys_by_scope(request):
    bot, admin = request.getfixturevalue("bot"), request.getfixturevalue("admin")
    return {
        scope: with_key(make_key(bot, by=admin, name=scope.value, scopes=[scope]).token)
        for scope in Scope
    }


# ── knocking ──────────────────────────────────────────────────────────────────────────


def address(request, name):
    to = ROUTES[name].to
    return reverse(
        name, kwargs={part: request.getfixturevalue(fixture).pk for part, fixture in to.items()}
    )


def knock(request, client, name, method):
    """One request, undone afterwards so that the next one finds the same house."""
    route, url = ROUTES[name], address(request, name)
    with transaction.atomic():
        response = client.generic(method, url) if method == "GET" else client.post(url, route.data)
        transaction.set_rollback(True)
    sound = response.status_code < 500 or response.status_code == route.expected_trouble
    assert sound, f"{method} {url} answered {response.status_code}"
    return response


def let_in(response):
    to_login = response.status_code == 302 and response["Location"].startswith("/login/?")
    return response.status_code not in (401, 403, 404) and not to_login


def may(route, person):
    if route.who == WORLD:
        return True
    if person == "anonymous":
        return False
    if route.who == ANYBODY:
        return True
    if person == "nobody":
        return False
    if person == "other_admin":
        return route.who != OPERATOR and not route.to and "slug" not in route.data
    return LADDER.index(person) >= LADDER.index(route.who)


def knocks(*, for_people, with_query=False):
    return [
        (name, method)
        for name, route in ROUTES.items()
        if route.for_people == for_people and not (with_query and route.asks_nothing)
        if not route.signed
        for method in sorted(route.methods)
    ]


@pytest.mark.parametrize("name", all_routes())
def test_every_route_is_known(name):
    assert name in ROUTES or name in UNWALKED, (
        f"Nobody has said who may walk {name}. Add a line for it to ROUTES in tests/routes.py."
    )


def test_no_line_outlives_its_route():
    assert (set(ROUTES) | set(UNWALKED)) - set(all_routes()) == set()


@pytest.mark.parametrize(("name", "method"), knocks(for_people=True))
def test_who_may_is_let_in_and_others_are_refused(name, method, request, bot, operator):
    for person in ("anonymous", *PEOPLE):
        response = knock(request, browser(request, person), name, method)

        expected = may(ROUTES[name], person)
        assert let_in(response) == expected, (
            f"{person} got {response.status_code} from {method} {name}, "
            f"but {'may' if expected else 'may not'} walk it."
        )


@pytest.mark.parametrize("name", ROUTES)
def test_a_method_that_a_route_does_not_take_is_refused(name, request, bot):
    client = browser(request, "operator")
    for method in (GET | POST) - ROUTES[name].methods:
        response = knock(request, client, name, method)

        assert response.status_code == 405


def unknown_like(key):
    """A key of the same shape that no row has."""
    return UUID(int=0) if isinstance(key, UUID) else 10**30


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.to])
def test_a_number_that_no_row_can_have_is_not_found(name, request, bot):
    client = browser(request, "operator")
    parts = {
        part: unknown_like(request.getfixturevalue(fixture).pk)
        for part, fixture in ROUTES[name].to.items()
    }
    url = reverse(name, kwargs=parts)

    for method in ROUTES[name].methods:
        assert client.generic(method, url).status_code == 404


@pytest.mark.parametrize(("name", "method"), knocks(for_people=True, with_query=True))
def test_a_nul_in_the_address_cannot_be_read(name, method, request, bot):
    client = browser(request, "operator")

    response = client.generic(method, f"{address(request, name)}?q=%00")

    assert response.status_code == 400


@pytest.mark.parametrize(("name", "method"), knocks(for_people=True, with_query=True))
def test_another_bot_cannot_be_asked_for_in_the_address(name, method, request, bot):
    client = browser(request, "other_admin")

    response = client.generic(method, f"{address(request, name)}?bot={bot.slug}")

    assert response.status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, route in ROUTES.items()
        if route.methods >= POST and not route.signed and not route.scope
    ],
)
def test_another_bot_cannot_be_asked_for_in_a_form(name, request, bot):
    client, url = browser(request, "other_admin"), address(request, name)

    response = client.post(url, {**ROUTES[name].data, "bot": bot.slug})

    # What answers under /api/ takes no forms, and looks at none.
    assert response.status_code == (200 if url.startswith("/api/") else 404)


@pytest.mark.parametrize(("name", "method"), knocks(for_people=False))
def test_the_api_takes_no_login_for_a_key(name, method, request, operator):
    for person in ("anonymous", "operator"):
        response = knock(request, browser(request, person), name, method)

        assert response.status_code == 401, f"{person} got {response.status_code} from {name}"
        assert response.json()["error"]["code"] == "bad_key"


@pytest.mark.parametrize(("name", "method"), knocks(for_people=False))
def test_the_api_takes_a_key_of_its_scope_alone(name, method, request, bot):
    wanted = ROUTES[name].scope
    for scope, client in keys_by_scope(request).items():
        response = knock(request, client, name, method)

        if wanted in (None, scope):
            assert let_in(response), f"{scope} got {response.status_code} from {name}"
        else:
            assert response.status_code == 403, f"{scope} got {response.status_code} from {name}"
            assert response.json()["error"]["code"] == "missing_scope"


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.signed])
def test_a_signed_route_takes_neither_a_login_nor_a_key(name, request, bot, operator):
    clients = [Client(), logged_in(operator), *keys_by_scope(request).values()]

    answers = [
        client.post(f"{address(request, name)}?bot={bot.slug}", "{}", "application/json")
        for client in clients
    ]

    assert {answer.status_code for answer in answers} == {401}
