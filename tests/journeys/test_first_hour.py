"""What an operator does in the first hour, at the keyboard alone."""

import pytest
from playwright.sync_api import expect

from accounts.models import ApiKey, Bot, Membership
from jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitor(visit, operator):
    visitor = visit()
    visitor.be(operator)
    return visitor


def tab_to(page, label):
    """Press Tab until what has the focus is called `label`."""
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate(
            """() => {
              const e = document.activeElement;
              const named = e.getAttribute('aria-label') || e.labels?.[0]?.innerText;
              return (named || e.innerText || '').trim().split('\\n')[0];
            }"""
        )
        if name.startswith(label):
            return
    pytest.fail(f"Tab never reached {label}.")


def test_a_bot_a_key_and_a_member_are_made_with_the_keyboard(visit, operator):
    visitor = visit()
    page = visitor.page

    visitor.log_in(operator)
    visitor.go("/settings/bots/")
    tab_to(page, "Name")
    page.keyboard.type("Bank bot")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Bank bot")

    visitor.go("/settings/keys/")
    tab_to(page, "Name")
    page.keyboard.type("web channel")
    tab_to(page, "Ask for predictions")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("ll_")

    visitor.go("/settings/members/")
    tab_to(page, "Username")
    page.keyboard.type("ana")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("ana")

    assert Bot.objects.get().name == "Bank bot"
    assert ApiKey.objects.get().scopes == ["predict"]
    assert set(Membership.objects.values_list("user__username", "role")) == {
        ("olga", "admin"),
        ("ana", "annotator"),
    }
    assert visitor.complaints == []


def test_a_shown_key_is_gone_after_the_page_is_left(visitor, bot):
    page = visitor.page
    visitor.go("/settings/keys/")
    page.get_by_label("Name").fill("web channel")
    page.get_by_label("Ask for predictions").check()
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("main")).to_contain_text("ll_")
    shown = page.locator("[data-secret], .secret code, .secret input").first
    token = (
        shown.input_value() if shown.evaluate("e => e.tagName") == "INPUT" else (shown.inner_text())
    )

    visitor.go("/settings/keys/")

    assert token.startswith("ll_")
    assert token not in page.content()


def test_the_theme_is_kept_from_page_to_page(visitor):
    page = visitor.page
    visitor.go("/account/")
    page.get_by_label("Light or dark").click()
    page.get_by_role("button", name="Dark").click()

    visitor.go("/jobs/")

    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_a_live_job_is_cancelled_from_its_page_and_the_list_follows(visitor, bot):
    page = visitor.page
    job = Job.objects.create(kind="forget_old_jobs", bot=bot)
    visitor.go("/jobs/")
    expect(page.locator("#job-rows")).to_contain_text("Waiting")

    other = page.context.new_page()
    other.goto(page.url + f"{job.pk}/")
    other.locator("summary", has_text="Cancel").click()
    other.get_by_role("button", name="Stop the job").click()
    expect(other.locator("main")).to_contain_text("Cancelled")

    expect(page.locator("#job-rows")).to_contain_text("Cancelled", timeout=8000)
    assert visitor.complaints == []


def test_an_expired_session_sends_the_whole_page_to_the_login(visitor, bot):
    page = visitor.page
    Job.objects.create(kind="forget_old_jobs", bot=bot)
    visitor.go("/jobs/")

    page.context.clear_cookies()

    page.wait_for_url("**/login/?next=/jobs/", timeout=8000)
    assert page.get_by_label("Username").count() == 1
