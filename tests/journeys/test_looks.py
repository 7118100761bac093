"""Every page, at three widths and in both themes: axe finds nothing, nothing scrolls sideways,
and the browser has nothing to complain about."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import Role
from jobs import beating
from jobs.models import Job, Process
from tests.factories import make_key, make_member, make_secret, make_user
from tests.journeys.agreement import people_who_agree
from tests.journeys.changed import changes_of_every_state
from tests.journeys.conversations import a_list_of_conversations, rich_conversation
from tests.journeys.datasets import versions_to_look_at
from tests.journeys.disputes import disputes_to_look_at
from tests.journeys.groups import groups_to_look_at
from tests.journeys.queue import a_queue
from tests.journeys.runs import runs_of_every_state
from tests.journeys.words import words_to_choose_from
from tests.replay.played import make_replay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def a_lively_house(bot, other_bot, operator, settings, tmp_path):
    """Rows of every state, so that each page has something to show."""
    settings.DATASETS = tmp_path / "datasets.git"
    Membership.objects.create(bot=bot, user=operator, role=Role.ADMIN)
    for role in Role:
        make_member(bot, role, username=f"{role.value}-{role.label.lower()[:3]}")
    make_user("gone", is_active=False)
    make_key(bot, by=operator, name="web")
    make_key(bot, by=operator, name="old", lasts=timedelta(days=3))
    make_secret(bot, by=operator)
    for role in Process.Role:
        beating.beat(role, name=f"test-{role}")
    a_list_of_conversations(bot)
    annotator = Membership.objects.get(bot=bot, role=Role.ANNOTATOR).user
    a_queue(bot, annotator)
    return (
        jobs_of_every_state(bot, operator)
        | {"conversation": rich_conversation(bot), "replay": make_replay(bot)}
        | words_to_choose_from(bot, by=operator)
        # Whoever looks has answered, so that they find corrections of their own.
        | disputes_to_look_at(
            bot, ana=operator, ben=annotator, reviewer=make_member(bot, "reviewer")
        )
        | groups_to_look_at(bot)
        | people_who_agree(bot, operator)
        | runs_of_every_state(bot, operator)
        | versions_to_look_at(bot, by=operator)
        # Last: nothing is frozen while one is under way.
        | changes_of_every_state(bot, by=operator)
    )


def jobs_of_every_state(bot, by):
    now = timezone.now()
    rows = {
        "queued": {"error": "Its process was ended from outside (signal 9)."},
        "done": {"ended_at": now, "done": 1200, "total": 1200},
        "failed": {"ended_at": now, "error": "The dataset holds only one intent. Label two."},
        "cancelled": {"ended_at": now},
        "running": {"token": "1" * 32, "lease_until": now + timedelta(hours=9), "done": 25_000,
                    "total": 100_000, "message": "Row 25,000: reading conversations",
                    "worker": "host-12-1"},
    }  # fmt: skip
    return {
        state: Job.objects.create(
            kind="forget_old_jobs", bot=bot, created_by=by, state=state, attempt=1,
            created_at=now - timedelta(hours=3), started_at=now - timedelta(minutes=4), **fields,
        )
        for state, fields in rows.items()
    }  # fmt: skip


PAGES = {
    "home": "/",
    "jobs": "/jobs/",
    "jobs-none": "/jobs/?state=failed&kind=deaf",
    "job-running": "/jobs/{running}/",
    "job-failed": "/jobs/{failed}/",
    "job-queued": "/jobs/{queued}/",
    "review": "/review/",
    "review-lane": "/review/?lane=novelty&q=card",
    "review-refused": "/review/?lane=selection&below=7&kind=low_confidence",
    "review-none": "/review/?kind=slow_answer",
    "disputes": "/review/disagreements/",
    "disputes-filtered": "/review/disagreements/?kind=nobody_left&intent=x",
    "disputes-none": "/review/disagreements/?kind=marks&person=1",
    "dispute": "/review/disagreements/{dispute}/",
    "dispute-marks": "/review/disagreements/{dispute_marks}/",
    "dispute-unsure": "/review/disagreements/{dispute_unsure}/",
    "dispute-sent-back": "/review/disagreements/{dispute_sent_back}/",
    "dispute-settled": "/review/disagreements/{dispute_settled}/",
    "corrected": "/review/corrected/",
    "label": "/review/labels/{gold_label}/",
    "groups": "/review/clusters/",
    "groups-none": "/review/clusters/?least=7&q=nothing",
    "group": "/review/clusters/{turn_group}/",
    "group-of-others": "/review/clusters/{others_group}/",
    "agreement": "/review/agreement/?weeks=all",
    "agreement-few": "/review/agreement/?weeks=4",
    "people": "/review/people/",
    "person": "/review/people/{person}/",
    "mine": "/review/mine/",
    "known": "/review/known/",
    "known-marked": "/review/known/?source=marked",
    "known-none": "/review/known/?source=agreed&bot=travel-bot",
    "agreement-none": "/review/agreement/?bot=travel-bot",
    "settings-second-opinions": "/settings/review/second-opinions/?bot=bank-bot",
    "conversations": "/conversations/?bot=bank-bot",
    "conversations-filtered": "/conversations/?signal=low_rating&below=7&until=2020-01-01",
    "conversation": "/conversations/{conversation}/",
    "conversation-events": "/conversations/{conversation}/events/",
    "intents": "/intents/",
    "intents-none": "/intents/?q=nothing&state=archived",
    "intent": "/intents/{intent}/",
    "intent-new": "/intents/new/",
    "intent-edit": "/intents/{intent}/edit/",
    "intent-renamed": "/intents/{to_change}/",
    "intent-rename": "/intents/{to_change}/rename/",
    "intent-merge": "/intents/{to_change}/merge/",
    "intent-split": "/intents/{to_change}/split/",
    "intent-changes": "/intents/changes/",
    "change-renamed": "/intents/changes/{change_renamed}/",
    "change-draft": "/intents/changes/{change_draft}/",
    "change-draft-none": "/intents/changes/{change_draft}/?q=nothing",
    "change-split": "/intents/changes/{change_split}/",
    "change-undone": "/intents/changes/{change_undone}/",
    "change-under-way": "/intents/changes/{change_under_way}/",
    "entity-types": "/intents/entities/",
    "entity-type": "/intents/entities/{entity_type}/",
    "entity-type-edit": "/intents/entities/{entity_type}/edit/",
    "intents-import": "/intents/import/",
    "datasets": "/datasets/",
    "dataset": "/datasets/{dataset}/",
    "dataset-held-back": "/datasets/intents/{dataset_intent}/?show=left_out",
    "dataset-intent": "/datasets/intents/{long_intent}/",
    "dataset-intent-none": "/datasets/intents/{long_intent}/?show=audit",
    "dataset-clashes": "/datasets/{dataset}/clashes/",
    "dataset-changes": "/datasets/{dataset}/changes/",
    "dataset-removed": "/datasets/{dataset}/changes/?change=removed",
    "dataset-first": "/datasets/{first_dataset}/changes/",
    "training": "/training/",
    "training-older": "/training/?before=1",
    "run-done": "/training/{run_done}/",
    "run-failed": "/training/{run_failed}/",
    "run-live": "/training/{run_live}/",
    "models": "/models/",
    "model": "/models/{model_version}/",
    "replays": "/replays/",
    "replay": "/replays/{replay}/",
    "settings-training": "/settings/training/",
    "account": "/account/",
    "password": "/account/password/",
    "second-factor": "/account/second-factor/",
    "settings-bot": "/settings/bot/",
    "settings-members": "/settings/members/",
    "settings-keys": "/settings/keys/",
    "settings-webhooks": "/settings/webhooks/",
    "settings-test-event": "/settings/webhooks/test/",
    "settings-intake": "/settings/intake/",
    "settings-review": "/settings/review/",
    "settings-erasure": "/settings/erasure/",
    "api-docs": "/api/docs",
    "settings-bots": "/settings/bots/",
    "settings-people": "/settings/people/",
    "not-found": "/nowhere/",
    # Last: who names a bot stays in it.
    "datasets-none": "/datasets/?bot=travel-bot",
}


EMPTY = {
    "home": "/",
    "settings": "/settings/",
    "jobs": "/jobs/",
    "review": "/review/",
    "disputes": "/review/disagreements/",
    "corrected": "/review/corrected/",
    "groups": "/review/clusters/",
    "datasets": "/datasets/",
    "replays": "/replays/",
}


def test_every_page_is_accessible_and_fits(visit, a_lively_house, operator):
    visitor = visit()
    visitor.be(operator)
    numbers = {state: job.pk for state, job in a_lively_house.items()}

    problems = []
    for name, path in PAGES.items():
        visitor.go(path.format(**numbers))
        problems += visitor.faults(name)

    assert problems == []
    assert visitor.complaints == []


def test_the_way_in_is_accessible_and_fits(visit):
    visitor = visit()

    visitor.go("/login/")

    assert visitor.faults("login") == []
    assert visitor.complaints == []


def test_an_empty_install_is_accessible_and_fits(visit, operator):
    visitor = visit()
    visitor.be(operator)

    for name, path in EMPTY.items():
        visitor.go(path)
        assert visitor.faults(f"empty-{name}") == []


def test_a_person_without_the_role_reads_which_one_it_takes(visit, annotator):
    visitor = visit()
    visitor.be(annotator)

    response = visitor.go("/settings/keys/")

    assert response.status == 403
    assert visitor.faults("no-permission", [(1440, "light")]) == []
