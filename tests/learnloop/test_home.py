"""/"""

from datetime import timedelta

from django.utils import timezone

from tests.factories import make_conversation


def figures(client):
    heard = client.get("/").context["heard"]
    return heard and (heard["all"], heard["flagged"])


def test_the_first_page_counts_what_was_said_in_the_last_week(as_annotator, bot, other_bot):
    now = timezone.now()
    make_conversation(bot, started_at=now - timedelta(days=1), signals=["escalation"])
    make_conversation(bot, started_at=now - timedelta(days=6))
    make_conversation(bot, started_at=now - timedelta(days=9))
    make_conversation(other_bot, started_at=now - timedelta(days=1))

    assert figures(as_annotator) == (2, 1)


def test_somebody_without_a_bot_gets_no_figures(client, db):
    from tests.factories import make_user

    client.force_login(make_user())

    assert figures(client) is None
