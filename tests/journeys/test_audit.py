"""An auditor finds out who changed a role and who let a version go live."""

import pytest

from accounts import members, people
from accounts.security_log import record
from annotation.models import Intent
from tests.factories import make_gold, make_intent, make_item, make_user

# The list and the row are looked at in every size, their other states in two.
TWO = [(1440, "light"), (390, "dark")]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def a_past(bot, admin, annotator, operator):
    """Things that were done, some of them by SQL."""
    member = annotator.memberships.get()
    members.change_role(member, role="reviewer", by=admin)
    for number in range(60):
        record("key_issued", by=admin, bot_id=bot.pk, key_id=number)
    gold = make_gold(make_item(bot).turn, annotator, intent=make_intent(bot, "card_lost"))
    Intent.objects.update(critical=True)
    return member, gold


def test_an_auditor_finds_out_who_changed_a_role(visit, a_past, operator, admin, annotator):
    member, gold = a_past
    ida = make_user("ida")
    people.appoint_auditor(ida, by=operator)
    visitor = visit()
    visitor.log_in(ida)
    page, problems = visitor.page, []

    page.get_by_role("link", name="Audit").first.click()
    page.get_by_role("heading", name="Audit", exact=True).wait_for()
    problems += visitor.faults("audit", TWO)
    page.get_by_role("link", name="Audit entries").click()
    problems += visitor.faults("audit-entries")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="2", exact=True).click()
    page.get_by_role("searchbox").fill("member_role_changed")
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="adam").wait_for()
    problems += visitor.faults("audit-found", TWO)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_text("Filters").click()
    page.get_by_role("link", name="Today").click()
    page.get_by_role("link", name="Clear all filters").wait_for()
    problems += visitor.faults("audit-filtered", TWO)
    page.get_by_role("rowheader").get_by_role("link").first.click()
    page.get_by_text("request", exact=False).first.wait_for()
    problems += visitor.faults("audit-entry", TWO)
    visitor.go(f"/admin/accounts/membership/{member.pk}/")
    page.get_by_role("heading", name="History").wait_for()
    assert page.get_by_role("cell", name="reviewer").count() >= 1
    problems += visitor.faults("audit-membership")
    page.get_by_role("link", name="All of it").click()
    page.get_by_role("heading", name="History of memberships").wait_for()
    problems += visitor.faults("audit-history", TWO)
    visitor.go(f"/admin/annotation/goldlabel/{gold.pk}/")
    problems += visitor.faults("audit-gold", TWO)
    visitor.go("/admin/accounts/auditentry/?q=nothing_like_that")
    problems += visitor.faults("audit-none", TWO)
    visitor.go("/admin/training/decision/")
    problems += visitor.faults("audit-empty", TWO)

    assert problems == []
    assert visitor.complaints == []


def test_others_read_that_this_is_for_auditors(visit, admin):
    visitor = visit()
    visitor.be(admin)

    assert visitor.go("/admin/").status == 403
    assert visitor.faults("audit-refused", [(1440, "light")]) == []
