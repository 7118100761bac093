"""The share of conversations that only test, raised while there is little traffic."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingest import audit_share
from ingest.models import Conversation, IntakeSettings
from tests.ingest.talking import key_number

NOW = timezone.now()


def traffic(bot, number, *, age=timedelta(days=3)):
    Conversation.objects.bulk_create(
        Conversation(
            id=key_number(bot.pk * 10**6 + age.days * 10**4 + place),
            bot=bot,
            name=str(place),
            started_at=NOW - age,
            last_at=NOW - age,
            side="train",
            audit_share=0.02,
        )
        for place in range(number)
    )


@pytest.mark.parametrize(
    ("conversations", "percent"), [(1, 50), (99, 50), (100, 50), (200, 25), (2000, 2.5)]
)
def test_fifty_a_week_are_drawn_from_little_traffic(bot, conversations, percent):
    traffic(bot, conversations)

    assert audit_share.raise_share(bot, now=NOW) == pytest.approx(percent)

    settings = IntakeSettings.objects.get()
    assert settings.audit_percent_now == pytest.approx(percent)
    assert settings.audit_share == pytest.approx(percent / 100)


@pytest.mark.parametrize("conversations", [2500, 3000])
def test_the_normal_share_of_much_traffic_is_enough(bot, conversations):
    IntakeSettings.objects.create(bot=bot, audit_percent_now=40)
    traffic(bot, conversations)

    assert audit_share.raise_share(bot, now=NOW) is None
    assert IntakeSettings.objects.get().audit_share == pytest.approx(0.02)


def test_a_higher_normal_share_is_enough_sooner(bot):
    IntakeSettings.objects.create(bot=bot, audit_percent=10)
    traffic(bot, 500)

    assert audit_share.raise_share(bot, now=NOW) is None


def test_a_bot_that_nobody_talked_to_keeps_its_normal_share(bot, other_bot):
    traffic(bot, 30, age=timedelta(days=8))
    traffic(other_bot, 30)

    assert audit_share.raise_share(bot, now=NOW) is None


def test_the_other_settings_stay_as_they_are(bot):
    IntakeSettings.objects.create(bot=bot, silence_minutes=7, own_ids=["[A-Z]{4}"])
    traffic(bot, 100)

    audit_share.raise_share(bot, now=NOW)

    settings = IntakeSettings.objects.get()
    assert (settings.silence_minutes, settings.own_ids) == (7, ["[A-Z]{4}"])
