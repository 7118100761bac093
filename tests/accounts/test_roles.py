"""Which role may do what"""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser

from accounts.backends import RoleBackend
from accounts.models import Membership, User
from accounts.roles import STEPS, Role, permissions_of
from tests.factories import make_bot

EVERY_PERMISSION = frozenset().union(*STEPS.values())


def test_each_role_may_what_those_before_it_may():
    ladder = [permissions_of(role) for role in Role]

    assert all(below < above for below, above in zip(ladder, ladder[1:], strict=False))
    assert ladder[-1] == EVERY_PERMISSION


def test_without_a_current_bot_a_role_counts_for_nothing(admin):
    assert not admin.has_perm("accounts.manage_keys")


def test_a_role_counts_in_its_own_bot(admin, bot, other_bot):
    assert admin.has_perm("accounts.manage_keys", bot)
    assert not admin.has_perm("accounts.manage_keys", other_bot)
    assert not admin.has_perm("accounts.manage_keys", "no bot")


def test_a_closed_account_may_nothing(admin, bot):
    admin.is_active = False

    assert not admin.has_perm("accounts.manage_keys", bot)


def test_an_operator_may_everything(operator, bot):
    assert operator.has_perm("accounts.manage_keys", bot)
    assert operator.has_perm("accounts.add_bot")


def test_nobody_else_may_what_operators_may(admin, bot):
    assert not admin.has_perm("accounts.add_bot", bot)
    assert not admin.has_perm("accounts.add_user", bot)


def test_strangers_may_nothing(bot):
    assert not AnonymousUser().has_perm("jobs.view_job", bot)


def test_all_questions_of_one_request_take_one_query(admin, bot, django_assert_num_queries):
    for _ in range(3):
        make_bot()
    admin = User.objects.get(pk=admin.pk)

    with django_assert_num_queries(1):
        assert admin.has_perm("accounts.manage_keys", bot)
        assert admin.has_perms(EVERY_PERMISSION, bot)
        assert admin.has_module_perms("accounts") is False
        assert not admin.has_perm("accounts.add_bot", bot)


ANNOTATORS = {
    *("jobs.view_job", "ingest.view_conversation"),
    *("annotation.view_reviewitem", "annotation.add_annotation"),
    *("annotation.view_intent", "annotation.add_intent"),
}


def test_templates_ask_without_knowing_of_roles(annotator, bot):
    annotator.membership = Membership.objects.get(user=annotator)

    assert annotator.has_module_perms("jobs")
    assert not annotator.has_module_perms("accounts")
    assert annotator.get_all_permissions() == ANNOTATORS
    assert RoleBackend().get_user_permissions(annotator, bot) == ANNOTATORS
    assert annotator.get_group_permissions() == set()


@pytest.mark.parametrize(
    ("permission", "holders"),
    [
        ("jobs.cancel_job", {"ellen", "adam", "oskar", "olga"}),
        ("accounts.manage_keys", {"adam", "oskar", "olga"}),
        ("accounts.add_bot", {"olga"}),
    ],
)
def test_who_holds_a_permission(
    permission, holders, annotator, engineer, admin, other_admin, operator
):
    found = get_user_model().objects.with_perm(permission, backend="accounts.backends.RoleBackend")

    assert {user.username for user in found} == holders


def test_who_holds_a_permission_in_one_bot(admin, other_admin, operator, bot):
    found = RoleBackend().with_perm("accounts.manage_keys", include_superusers=False, obj=bot)

    assert list(found) == [admin]
    admin.is_active = False
    admin.save()
    assert not found.all().exists()
    assert RoleBackend().with_perm("accounts.manage_keys", is_active=None, obj=bot).count() == 2


def test_the_page_of_a_missing_role_says_what_to_do(as_annotator):
    response = as_annotator.get("/settings/keys/")

    assert response.status_code == 403
    assert "ask an admin of the bot for the role" in response.content.decode()
