"""Every route of the product, and who may walk it.

A new route needs one line in ROUTES:

    "rooms:list": Route(REVIEWER)                   GET, from this role upwards
    "rooms:page": Route(ADMIN, to={"room_id": "room"})
                                                    room_id is the pk of the fixture `room`
    "rooms:move": Route(ENGINEER, POST, to=…, data={"x": 1})
                                                    data: what a right form holds
    "api:rooms": Route(scope=Scope.READ)            takes an API key with this scope
    "api:rooms": Route(methods=POST, signed=True)   takes a webhook signature

tests/test_routes.py walks them all, and has those fixtures.
"""

from dataclasses import dataclass, field

from django.contrib.admin import site

from accounts.models import Scope

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
