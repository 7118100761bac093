"""/settings/intake/"""

import re
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.forms import NUL
from ingest import previewing, signalling
from ingest.models import IntakeSettings, Signal
from ingest.senders import settings_of
from ingest.signals import RULES, rules_of
from jobs.models import Job
from tests.ingest.talking import make_conversation

URL = "/settings/intake/"
PREVIEW = f"{URL}preview/"
YESTERDAY = timezone.now() - timedelta(days=1)


def filled(**changed):
    """What the form holds when nobody changed anything but `changed`."""
    values = {"silence_minutes": 30, "audit_percent": 2, "retention_days": "", "own_ids": ""}
    for tuned in rules_of({}):
        values[f"weight_{tuned.name}"] = tuned.weight
        if tuned.rule.threshold:
            values[f"threshold_{tuned.name}"] = f"{tuned.threshold:g}"
    return values | changed


def text_of(response):
    return " ".join(response.content.decode().split())


def counts_in(response):
    found = re.findall(r'id="count-(\w+)"[^>]*>(.*?)</span>(?= |\n|$)', text_of(response))
    return {name: re.sub(r"<[^>]*>", "", inner).strip() for name, inner in found}


# ── the page ──────────────────────────────────────────────────────────────────────────


def test_the_page_shows_the_defaults_of_a_bot_without_settings(as_admin):
    response = as_admin.get(URL)

    page = text_of(response)
    assert response.status_code == 200
    assert 'name="silence_minutes" value="30"' in page
    assert 'name="threshold_slow_answer" value="5000"' in page
    assert all(rule.title in page for rule in RULES)
    assert set(counts_in(response).values()) == {"–"}
    assert not IntakeSettings.objects.exists()


def test_the_page_shows_what_was_stored(as_admin, bot):
    IntakeSettings.objects.create(
        bot=bot,
        silence_minutes=45,
        own_ids=[r"AB-\d{6}", "K[0-9]{4}"],
        audit_percent_now=12.5,
        signals={"low_confidence": {"threshold": 0.65}},
    )

    page = text_of(as_admin.get(URL))

    assert 'name="silence_minutes" value="45"' in page
    assert r"AB-\d{6} K[0-9]{4}</textarea>" in page
    assert "12.5 %, because there is little traffic" in page
    assert 'name="threshold_low_confidence" value="0.65"' in page


def test_a_row_has_its_weight_its_threshold_and_their_names(as_admin):
    page = text_of(as_admin.get(URL))

    assert "Weight of slow answer" in page
    assert "Threshold of slow answer (ms)" in page
    assert "threshold_report" not in page


# ── saving ────────────────────────────────────────────────────────────────────────────


def test_what_was_typed_is_saved(as_admin, bot):
    response = as_admin.post(
        URL,
        filled(
            silence_minutes=5, audit_percent=10, retention_days=90, own_ids="AB-\\d{6}\n\n K\\d{4} "
        ),
    )

    assert response["Location"] == URL
    settings = settings_of(bot)
    assert (settings.silence_minutes, settings.audit_percent) == (5, 10)
    assert settings.retention_days == 90
    assert settings.own_ids == [r"AB-\d{6}", r"K\d{4}"]
    assert settings.signals == {}
    assert not Job.objects.exists()


def test_saving_keeps_what_the_page_does_not_set(as_admin, bot):
    IntakeSettings.objects.create(bot=bot, audit_percent_now=20, encoder="other", retention_days=9)

    as_admin.post(URL, filled())

    settings = settings_of(bot)
    assert (settings.audit_percent_now, settings.encoder) == (20, "other")
    assert settings.retention_days is None


def test_other_weights_are_stored_and_signals_are_found_again(as_admin, admin, bot):
    response = as_admin.post(
        URL, filled(weight_report=0, threshold_low_confidence="0.7"), follow=True
    )

    assert settings_of(bot).signals == {
        "report": {"weight": 0.0},
        "low_confidence": {"threshold": 0.7},
    }
    job = Job.objects.get()
    assert (job.kind, job.bot, job.created_by) == ("find_signals_again", bot, admin)
    assert "are being found again" in text_of(response)


def test_a_second_change_is_looked_at_even_while_the_first_still_is(as_admin, bot):
    as_admin.post(URL, filled(weight_report=0))
    Job.objects.update(state="running", token="1" * 32, lease_until=timezone.now())

    as_admin.post(URL, filled(weight_report="0.5"))

    assert Job.objects.count() == 2


def test_saving_the_same_weights_again_asks_for_nothing(as_admin, bot):
    IntakeSettings.objects.create(bot=bot, signals={"report": {"weight": 0.5}, "old": 1})

    as_admin.post(URL, filled(weight_report="0.50"))

    assert not Job.objects.exists()


def test_only_the_bot_that_is_worked_on_is_changed(as_admin, bot, other_bot):
    as_admin.post(URL, filled(silence_minutes=5))

    assert settings_of(other_bot).silence_minutes == 30


def test_a_reviewer_may_not_change_the_intake(as_reviewer):
    assert as_reviewer.get(URL).status_code == 403
    assert as_reviewer.post(URL, filled()).status_code == 403
    assert as_reviewer.post(PREVIEW, filled()).status_code == 403


def test_somebody_who_is_not_logged_in_is_asked_to(anonymous):
    assert anonymous.post(URL, filled())["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"silence_minutes": 0}, "greater than or equal to 1"),
        ({"silence_minutes": ""}, "This field is required."),
        ({"audit_percent": 51}, "less than or equal to 50"),
        ({"audit_percent": "nan"}, "Enter a number."),
        ({"retention_days": 10**30}, "less than or equal to 36500"),
        ({"weight_report": "1.1"}, "less than or equal to 1"),
        ({"weight_report": ""}, "This field is required."),
        ({"threshold_low_confidence": "-0.1"}, "greater than or equal to 0"),
        ({"threshold_slow_answer": "2.5"}, "Enter a whole number."),
        ({"own_ids": "\\d{6}\nA+"}, "is not taken. An id is written with letters"),
        ({"own_ids": "(A"}, "is not a pattern: look at its brackets."),
        ({"own_ids": "x" * 201}, "at most 200 characters"),
        ({"own_ids": "\n".join(["AB"] * 21)}, "These are 21 patterns. Write at most 20"),
        ({"own_ids": "A\0B"}, NUL),
    ],
)
@pytest.mark.parametrize("url", [URL, PREVIEW])
def test_what_cannot_be_used_brings_a_sentence_and_saves_nothing(
    url, changed, sentence, as_admin, bot
):
    response = as_admin.post(url, filled(**changed))

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not IntakeSettings.objects.exists()


def test_a_refused_form_keeps_what_was_typed(as_admin, bot):
    page = text_of(as_admin.post(URL, filled(weight_report="9", silence_minutes="77")))

    assert 'name="weight_report" value="9"' in page
    assert 'name="silence_minutes" value="77"' in page


# ── the preview ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def a_week(bot, other_bot):
    """Conversations with every kind of signal, of yesterday; the same long ago and elsewhere."""
    pair = [{"intent": "a", "confidence": 0.4}, {"intent": "b", "confidence": 0.35}]
    talk = {
        "turns": [
            {"at": 0, "text": "where is my card", "confidence": 0.65, "intent": "a"},
            {"at": 1, "text": "where is my card?", "confidence": 0.4, "intent": "a",
             "alternatives": pair},
            {"at": 2, "error": "timeout", "latency_ms": 6000, "alternatives": pair},
            {"at": 3, "latency_ms": 900, "confidence": 0.99, "intent": "a", "alternatives": pair},
        ],
        "feedback": [
            {"at": 1, "thumb": "down", "rating": 1},
            {"at": 1, "rating": 3},
            {"at": 9, "rating": 2, "reported": True},
            {"at": 9, "thumb": "up"},
        ],
    }  # fmt: skip
    for start in (YESTERDAY, timezone.now() - timedelta(days=8)):
        make_conversation(bot, start=start, outcome="abandoned", **talk)
        make_conversation(bot, start=start, outcome="escalated", escalated_at=start, **talk)
    make_conversation(other_bot, start=YESTERDAY, **talk)
    signalling.find_signals(bot)


def signals_of_the_week(bot):
    since = timezone.now() - timedelta(days=7)
    return {
        rule.name: Signal.objects.filter(bot=bot, kind=rule.name, at__gt=since).count()
        for rule in RULES
    }


def test_with_the_stored_values_it_counts_the_signals_that_are_there(bot, a_week):
    counts = previewing.count_flagged(bot, rules=rules_of({}))

    assert counts == signals_of_the_week(bot)
    assert 0 not in counts.values()


@pytest.mark.parametrize(
    ("kind", "threshold"),
    [("low_confidence", 0.7), ("small_margin", 0.6), ("low_rating", 3), ("slow_answer", 500),
     ("low_confidence", 0.0), ("small_margin", 0.05)],
)  # fmt: skip
def test_with_another_threshold_it_counts_the_signals_that_there_would_be(
    bot, a_week, kind, threshold
):
    stored = {kind: {"threshold": threshold}}

    counts = previewing.count_flagged(bot, rules=rules_of(stored))

    IntakeSettings.objects.create(bot=bot, signals=stored)
    signalling.find_again(bot)
    signalling.find_signals(bot)
    assert counts == signals_of_the_week(bot)


def test_the_fragment_brings_each_count_for_its_place(as_admin, a_week):
    response = as_admin.post(PREVIEW, filled(threshold_low_confidence="0.7", weight_report=0))

    counts = counts_in(response)
    assert response.status_code == 200
    assert (counts["low_confidence"], counts["report"]) == ("4", "off")
    assert text_of(response).count("hx-swap-oob") == len(RULES)
    assert "<html" not in text_of(response)
    assert not IntakeSettings.objects.exists()


def test_without_scripts_the_page_comes_back_with_counts_and_what_was_typed(as_admin, a_week):
    response = as_admin.post(URL, filled(threshold_low_confidence="0.7", preview="yes"))

    assert response.status_code == 200
    assert counts_in(response)["low_confidence"] == "4"
    assert 'name="threshold_low_confidence" value="0.7"' in text_of(response)
    assert "Nothing is saved yet." in text_of(response)
    assert not IntakeSettings.objects.exists()


def test_a_signal_that_was_off_is_counted_once_it_is_on(as_admin, bot, a_week):
    IntakeSettings.objects.create(bot=bot, signals={"repetition": {"weight": 0}})

    counts = counts_in(as_admin.post(PREVIEW, filled()))

    assert counts["repetition"] == "once it is on"


def test_a_bot_without_traffic_has_nothing_to_count(as_admin):
    assert set(counts_in(as_admin.post(PREVIEW, filled())).values()) == {"0"}


@pytest.mark.django_db(transaction=True)
def test_a_count_that_takes_too_long_is_given_up_and_said(as_admin, bot, monkeypatch):
    monkeypatch.setattr(previewing, "PATIENCE", 50)
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE ingest_turn")

        response = as_admin.post(PREVIEW, filled())
    finally:
        other.close()

    assert response.status_code == 200
    assert "There is too much to count while you wait" in text_of(response)
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
