"""Reports, decisions and golden cases, as an admin meets them in the browser."""

import pytest

from accounts.models import Membership
from accounts.roles import Role
from tests.journeys.reports import reports_to_look_at
from training import deploying, exporting

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = {
    "model-harmed": "/models/{harmed}/",
    "model-live": "/models/{live_version}/",
    "model-unjudged": "/models/{unjudged}/",
    "models-live": "/models/",
    "judged-turns": "/models/reports/{report}/turns/?intent=intent_0",
    "judged-suspects": "/models/reports/{report}/turns/?kind=suspect",
    "judged-none": "/models/reports/{report}/turns/?intent=nothing",
    "golden": "/models/golden/",
    "golden-archived": "/models/golden/?state=archived",
    "golden-new": "/models/golden/new/",
    "settings-decisions": "/settings/decisions/",
}


@pytest.fixture
def rows(bot, operator, settings, tmp_path):
    settings.DATA = tmp_path
    artifacts = settings.STORAGES["artifacts"] | {"OPTIONS": {"location": tmp_path / "artifacts"}}
    settings.STORAGES = settings.STORAGES | {"artifacts": artifacts}
    Membership.objects.create(bot=bot, user=operator, role=Role.ADMIN)
    return reports_to_look_at(bot, by=operator)


def test_every_page_of_a_report_is_accessible_and_fits(visit, rows, operator):
    visitor = visit()
    visitor.be(operator)
    numbers = {name: row.pk for name, row in rows.items()}

    problems = []
    for name, path in PAGES.items():
        visitor.go(path.format(**numbers))
        problems += visitor.faults(name)

    assert problems == [], "\n".join(problems)
    assert visitor.complaints == []


def test_the_file_opens_without_the_product(visit, rows, tmp_path):
    visitor = visit()
    file = tmp_path / "report.html"
    file.write_text(exporting.as_html(rows["report"]))
    asked = []
    visitor.page.on("request", lambda request: asked.append(request.url))

    visitor.page.goto(file.as_uri())

    assert visitor.page.get_by_role("heading", name="Model version 2").is_visible()
    assert visitor.page.locator("svg[role=img]").count() == 5
    assert asked == [file.as_uri()]
    assert visitor.faults("report-file", [(1440, "light"), (390, "dark")]) == []


def test_an_admin_rolls_back_with_one_click(visit, rows, operator, bot):
    visitor = visit()
    visitor.be(operator)
    visitor.go("/models/")

    visitor.page.get_by_role("button", name="Roll back to version 1").click()

    visitor.page.get_by_text("Version 1 is live again.").wait_for()
    assert deploying.champion_of(bot).number == 1


def test_an_admin_promotes_what_is_blocked_only_with_a_reason(visit, rows, operator, bot):
    visitor = visit()
    visitor.be(operator)
    visitor.go(f"/models/{rows['harmed'].pk}/")
    visitor.page.get_by_label("Why", exact=True).fill("It has to go out.")

    assert visitor.page.get_by_role("button", name="Promote").count() == 0  # own training
    visitor.page.get_by_role("button", name="Reject").click()

    visitor.page.get_by_text("Version 2 was rejected.").wait_for()
