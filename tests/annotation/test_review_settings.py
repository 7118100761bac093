"""/settings/review/"""

import pytest

from annotation.configuring import settings_of
from annotation.models import ReviewSettings
from jobs.models import Job
from tests.factories import make_review_settings

RIGHT = {
    "novelty_percent": "10",
    "audit_percent": "12.5",
    "second_opinion_percent": "0",
    "hidden_percent": "100",
    "least_weight": "0.4",
    "random_stock": "0",
    "question_percent": "2",
    "pause_below": "80",
    "daily_goal": "250",
}


def test_the_defaults_are_shown(as_admin, bot):
    page = as_admin.get("/settings/review/").content.decode()

    assert page.count('value="7.5"') == 2
    assert 'value="0.2"' in page
    assert 'value="200"' in page
    assert not ReviewSettings.objects.exists()


def test_what_is_saved_is_shown_again(as_admin, bot):
    response = as_admin.post("/settings/review/", RIGHT, follow=True)

    assert "Saved. It holds for what is handed out" in response.content.decode()
    found = settings_of(bot)
    assert (found.novelty_percent, found.audit_percent, found.daily_goal) == (10, 12.5, 250)
    assert (found.hidden_percent, found.random_stock, found.least_weight) == (100, 0, 0.4)
    assert 'value="12.5"' in response.content.decode()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("novelty_percent", "101"),
        ("audit_percent", "-1"),
        ("second_opinion_percent", ""),
        ("hidden_percent", "nan"),
        ("least_weight", "11"),
        ("random_stock", "1.5"),
        ("daily_goal", "0"),
    ],
)
def test_what_cannot_be_used_brings_the_form_again(as_admin, bot, field, typed):
    response = as_admin.post("/settings/review/", RIGHT | {field: typed})

    assert response.status_code == 422
    page = response.content.decode()
    assert "Nothing was saved yet." in page
    kept = [value for name, value in RIGHT.items() if name != field]
    assert all(f'value="{value}"' in page for value in kept)
    assert not ReviewSettings.objects.exists()


def test_novelty_and_audit_leave_something_for_selection(as_admin, bot):
    response = as_admin.post(
        "/settings/review/", RIGHT | {"novelty_percent": "60", "audit_percent": "60"}
    )

    assert response.status_code == 422
    assert "together take 120 percent" in response.content.decode()


@pytest.mark.parametrize(("before", "again"), [(0.2, False), (0.4, False), (0.6, True)])
def test_with_a_lower_weight_recent_turns_are_looked_at_again(as_admin, bot, before, again):
    make_review_settings(bot, least_weight=before)

    response = as_admin.post("/settings/review/", RIGHT, follow=True)

    assert Job.objects.filter(kind="queue_again").exists() == again
    assert ("looked at again" in response.content.decode()) == again


def test_the_settings_of_another_bot_stay(as_admin, bot, other_bot):
    as_admin.post("/settings/review/", RIGHT)

    assert settings_of(other_bot).daily_goal == 100
