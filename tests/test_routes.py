"""Every route of the product, walked as everybody who could knock.

A new route needs one line in ROUTES:

    "rooms:list": Route(REVIEWER)                   GET, from this role upwards
    "rooms:page": Route(ADMIN, to={"room_id": "room"})
                                                    room_id is the pk of the fixture `room`
    "rooms:move": Route(ENGINEER, POST, to=…, data={"x": 1})
                                                    data: what a right form holds
    "api:rooms": Route(scope=Scope.READ)            takes an API key with this scope
    "api:rooms": Route(methods=POST, signed=True)   takes a webhook signature

Whoever may is let in: the answer is neither a login, nor 401, 403 or 404. Everybody else is
refused. What belongs to a bot does not exist for the admin of another bot.
"""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.contrib.admin import site
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

GET, POST = frozenset({"GET"}), frozenset({"POST"})

LADDER = ("annotator", "reviewer", "engineer", "admin", "operator")
ANNOTATOR, REVIEWER, ENGINEER, ADMIN, OPERATOR = LADDER
ANYBODY = "anybody"  # logged in, with or without a bot
WORLD = "the world"  # not even logged in

PEOPLE = (*LADDER, "other_admin", "nobody")


@dataclass(frozen=True)
class Route:
    who: str = ""
    methods: frozenset[str] = GET
    to: dict[str, object] = field(default_factory=dict)
    data: dict[str, object] = field(default_factory=dict)
    # For routes of the API: what a key must be allowed; None if any live key will do.
    scope: Scope | None = None
    # Takes webhook signatures, and nothing else.
    signed: bool = False
    # A status from 500 on that is no fault: readyz says 503 while something is missing.
    expected_trouble: int | None = None
    # Answers before anybody looks at the address's query.
    asks_nothing: bool = False

    @property
    def for_people(self):
        return bool(self.who)


ROUTES = {
    "home": Route(ANYBODY),
    "healthz": Route(WORLD, asks_nothing=True),
    "readyz": Route(WORLD, expected_trouble=503, asks_nothing=True),
    "metrics": Route(WORLD),
    "jobs:list": Route(ANNOTATOR),
    "jobs:rows": Route(ANNOTATOR),
    "jobs:detail": Route(ANNOTATOR, to={"job_id": "job"}),
    "jobs:card": Route(ANNOTATOR, to={"job_id": "job"}),
    "jobs:cancel": Route(ENGINEER, POST, to={"job_id": "job"}),
    "jobs:retry": Route(ENGINEER, POST, to={"job_id": "job"}),
    "accounts:login": Route(WORLD, GET | POST),
    "accounts:login_code": Route(WORLD, GET | POST),
    "accounts:logout": Route(WORLD, POST),
    "accounts:theme": Route(WORLD, POST, data={"theme": "dark"}),
    "accounts:switch_bot": Route(ANNOTATOR, POST, data={"slug": "bank-bot"}),
    "accounts:account": Route(ANYBODY, GET | POST),
    "accounts:password": Route(ANYBODY, GET | POST),
    "accounts:second_factor": Route(ANYBODY),
    "accounts:start_second_factor": Route(ANYBODY, POST),
    "accounts:confirm_second_factor": Route(ANYBODY, POST, data={"code": "123456"}),
    "accounts:new_recovery_codes": Route(ANYBODY, POST, data={"code": "123456"}),
    "accounts:turn_off_second_factor": Route(ANYBODY, POST, data={"code": "123456"}),
    "accounts:settings": Route(ANYBODY),
    "accounts:bot_settings": Route(ADMIN, GET | POST),
    "accounts:members": Route(REVIEWER),
    "accounts:add_member": Route(ADMIN, POST),
    "accounts:change_role": Route(ADMIN, POST, to={"member_id": "member"}),
    "accounts:remove_member": Route(ADMIN, POST, to={"member_id": "member"}),
    "accounts:keys": Route(ADMIN, GET | POST),
    "accounts:rotate_key": Route(ADMIN, POST, to={"key_id": "bot_key"}),
    "accounts:revoke_key": Route(ADMIN, POST, to={"key_id": "bot_key"}),
    "accounts:webhooks": Route(ADMIN, GET | POST),
    "accounts:revoke_secret": Route(ADMIN, POST, to={"secret_id": "bot_secret"}),
    "accounts:bots": Route(OPERATOR, GET | POST),
    "accounts:people": Route(OPERATOR, GET | POST),
    "accounts:deactivate": Route(OPERATOR, POST, to={"person_id": "annotator"}),
    "accounts:reactivate": Route(OPERATOR, POST, to={"person_id": "annotator"}),
    "accounts:reset_password": Route(OPERATOR, POST, to={"person_id": "annotator"}),
    "accounts:appoint_auditor": Route(OPERATOR, POST, to={"person_id": "annotator"}),
    "accounts:dismiss_auditor": Route(OPERATOR, POST, to={"person_id": "annotator"}),
    "admin:index": Route(OPERATOR),
    "accounts:reset_second_factor": Route(OPERATOR, POST, to={"person_id": "annotator"}),
    "ingest:conversations": Route(ANNOTATOR),
    "ingest:conversation": Route(ANNOTATOR, to={"conversation_id": "conversation"}),
    "ingest:conversation_events": Route(ANNOTATOR, to={"conversation_id": "conversation"}),
    "ingest:test_event": Route(ADMIN, GET | POST),
    "api:key": Route(),
    "api:events": Route(methods=POST, signed=True),
    "api:predict": Route(methods=POST, scope=Scope.PREDICT),
    "api:feedback": Route(methods=POST, scope=Scope.FEEDBACK),
    "ingest:settings": Route(ADMIN, GET | POST),
    "ingest:preview_signals": Route(ADMIN, POST),
    "ingest:erasure": Route(ADMIN, GET | POST, data={"user_id": "carla"}),
    "ingest:erase": Route(ADMIN, POST, data={"user_id": "carla"}),
    "annotation:intents": Route(ANNOTATOR),
    "annotation:new_intent": Route(REVIEWER, GET | POST),
    "annotation:intent": Route(ANNOTATOR, to={"intent_id": "intent"}),
    "annotation:edit_intent": Route(REVIEWER, GET | POST, to={"intent_id": "intent"}),
    "annotation:archive_intent": Route(REVIEWER, POST, to={"intent_id": "intent"}),
    "annotation:unarchive_intent": Route(REVIEWER, POST, to={"intent_id": "intent"}),
    "annotation:rename_intent": Route(REVIEWER, GET | POST, to={"intent_id": "intent"}),
    "annotation:merge_intent": Route(REVIEWER, GET | POST, to={"intent_id": "intent"}),
    "annotation:split_intent": Route(REVIEWER, GET | POST, to={"intent_id": "intent"}),
    "annotation:let_go_of_name": Route(REVIEWER, POST, to={"intent_id": "intent"}),
    "annotation:intent_changes": Route(REVIEWER),
    "annotation:intent_change": Route(REVIEWER, to={"change_id": "intent_change"}),
    "annotation:intent_change_card": Route(REVIEWER, to={"change_id": "intent_change"}),
    "annotation:undo_intent_change": Route(REVIEWER, POST, to={"change_id": "intent_change"}),
    "annotation:go_on_with_change": Route(REVIEWER, POST, to={"change_id": "intent_change"}),
    "annotation:pick_labels": Route(REVIEWER, POST, to={"change_id": "intent_change"}),
    "annotation:carry_out_split": Route(REVIEWER, POST, to={"change_id": "intent_change"}),
    "annotation:drop_split": Route(REVIEWER, POST, to={"change_id": "intent_change"}),
    "annotation:guideline": Route(ANNOTATOR, to={"intent_id": "intent"}),
    "annotation:entity_types": Route(ANNOTATOR),
    "annotation:new_entity_type": Route(REVIEWER, GET | POST),
    "annotation:entity_type": Route(ANNOTATOR, to={"type_id": "entity_type"}),
    "annotation:edit_entity_type": Route(REVIEWER, GET | POST, to={"type_id": "entity_type"}),
    "annotation:archive_entity_type": Route(REVIEWER, POST, to={"type_id": "entity_type"}),
    "annotation:unarchive_entity_type": Route(REVIEWER, POST, to={"type_id": "entity_type"}),
    "annotation:import_intents": Route(REVIEWER, GET | POST),
    "annotation:export_intents": Route(ANNOTATOR),
    "annotation:review": Route(ANNOTATOR),
    "annotation:take": Route(ANNOTATOR, POST),
    "annotation:ahead": Route(ANNOTATOR, POST),
    "annotation:undo": Route(ANNOTATOR, POST),
    "annotation:stop": Route(ANNOTATOR, POST),
    "annotation:answer": Route(ANNOTATOR, POST, to={"item_id": "item"}),
    "annotation:renew": Route(ANNOTATOR, POST, to={"item_id": "item"}),
    "annotation:whole_chat": Route(ANNOTATOR, to={"item_id": "item"}),
    "annotation:alike": Route(ANNOTATOR, to={"item_id": "item"}),
    "annotation:groups": Route(ANNOTATOR),
    "annotation:group_again": Route(ANNOTATOR, POST),
    "annotation:undo_group": Route(ANNOTATOR, POST),
    "annotation:group": Route(ANNOTATOR, to={"group_id": "turn_group"}),
    "annotation:more_of_group": Route(ANNOTATOR, POST, to={"group_id": "turn_group"}),
    "annotation:answer_group": Route(ANNOTATOR, POST, to={"group_id": "turn_group"}),
    "annotation:group_after": Route(ANNOTATOR, to={"group_id": "turn_group"}),
    "annotation:queue": Route(ANNOTATOR),
    "annotation:assign": Route(REVIEWER, POST),
    "annotation:disputes": Route(REVIEWER),
    "annotation:undo_decision": Route(REVIEWER, POST),
    "annotation:dispute": Route(REVIEWER, to={"item_id": "dispute"}),
    "annotation:decide": Route(REVIEWER, POST, to={"item_id": "dispute"}),
    "annotation:corrected": Route(ANNOTATOR),
    "annotation:see_corrected": Route(ANNOTATOR, POST),
    "annotation:label": Route(ANNOTATOR, to={"label_id": "gold_label"}),
    "annotation:settings": Route(ADMIN, GET | POST),
    "annotation:second_opinions": Route(ADMIN, GET | POST),
    "annotation:forget_second_opinion": Route(ADMIN, POST, to={"intent_id": "intent"}),
    "annotation:agreement": Route(REVIEWER),
    "annotation:people": Route(REVIEWER),
    "annotation:person": Route(REVIEWER, to={"person_id": "annotator"}),
    "annotation:lift_pause": Route(REVIEWER, POST, to={"person_id": "annotator"}),
    "annotation:mine": Route(ANNOTATOR),
    "annotation:known": Route(REVIEWER),
    "annotation:say_known": Route(REVIEWER, POST, to={"turn_id": "turn"}),
    "training:datasets": Route(REVIEWER),
    "training:dataset_rows": Route(REVIEWER),
    "training:freeze": Route(ENGINEER, POST),
    "training:dataset": Route(REVIEWER, to={"version_id": "dataset"}),
    "training:download": Route(ENGINEER, to={"version_id": "dataset"}),
    "training:changes": Route(REVIEWER, to={"version_id": "dataset"}),
    "training:clashes": Route(REVIEWER, to={"version_id": "dataset"}),
    "training:dataset_intent": Route(REVIEWER, to={"called_id": "dataset_intent"}),
    "training:runs": Route(ENGINEER),
    "training:run_rows": Route(ENGINEER),
    "training:start": Route(ENGINEER, POST),
    "training:run": Route(ENGINEER, to={"run_id": "training_run"}),
    "training:run_card": Route(ENGINEER, to={"run_id": "training_run"}),
    "training:cancel": Route(ENGINEER, POST, to={"run_id": "training_run"}),
    "training:retry": Route(ENGINEER, POST, to={"run_id": "training_run"}),
    "training:settings": Route(ENGINEER, GET | POST),
    "training:models": Route(ENGINEER),
    "training:model": Route(ENGINEER, to={"version_id": "model_version"}),
    "training:artifact": Route(ENGINEER, to={"version_id": "model_version"}),
    "training:judge": Route(ENGINEER, POST, to={"version_id": "model_version"}),
    "training:judging": Route(ENGINEER, to={"version_id": "model_version"}),
    "training:decide": Route(ADMIN, POST, to={"version_id": "model_version"}),
    "training:roll_back": Route(ADMIN, POST),
    "training:judged_turns": Route(ENGINEER, to={"report_id": "report"}),
    "training:report_json": Route(ENGINEER, to={"report_id": "report"}),
    "training:report_html": Route(ENGINEER, to={"report_id": "report"}),
    "training:read_again": Route(REVIEWER, POST, to={"turn_id": "turn"}),
    "training:golden": Route(REVIEWER),
    "training:new_golden": Route(REVIEWER, GET | POST),
    "training:archive_golden": Route(REVIEWER, POST, to={"case_id": "golden_case"}),
    "training:keep_turn": Route(REVIEWER, POST, to={"turn_id": "turn"}),
    "training:decision_settings": Route(ADMIN, GET | POST),
    "training:check": Route(ENGINEER, POST, to={"version_id": "model_version"}),
    "training:lift": Route(REVIEWER, POST, to={"called_id": "dataset_intent"}),
    "replay:list": Route(ENGINEER),
    "replay:detail": Route(ENGINEER, to={"replay_id": "a_replay"}),
    "replay:card": Route(ENGINEER, to={"replay_id": "a_replay"}),
    "api_docs": Route(ANYBODY),
    "api:openapi-json": Route(ANYBODY, GET | POST),
}

OF_THE_ADMIN = {
    f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}"
    for model in site._registry
    for what in ("changelist", "change")
} | {"admin:app_list"}
# Routes that only frameworks call, or that answer nobody.
UNWALKED = {
    "api:api-root": "ninja finds its own address by it; it answers 404 to everybody"
} | dict.fromkeys(
    OF_THE_ADMIN, "one pattern for each Django model: walked by tests/learnloop/test_admin.py"
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
        f"Nobody has said who may walk {name}. Add a line for it to ROUTES in tests/test_routes.py."
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
