"""Known turns, and people who are asked about them."""

from uuid import uuid4

from django.utils import timezone

from annotation.models import KnownTurn
from tests.factories import make_gold, make_item, make_review_settings


def known_turn(bot, by, text="my card is gone", *, intent=None, source="marked"):
    """A labelled turn that others can be asked about; its closed item."""
    item = make_item(bot, text, status="done", ended_at=timezone.now(), not_for=[by.pk])
    make_gold(item.turn, by, intent=intent)
    KnownTurn.objects.create(turn=item.turn, bot=bot, source=source)
    return item


def ask_always(bot, **fields):
    """From now on every turn that is handed out is a known one, as long as there are some."""
    return make_review_settings(bot, question_percent=100, second_opinion_percent=0, **fields)


HTMX = {"hx-request": "true"}


def take(client):
    return client.post("/review/take/", headers=HTMX)


def send(client, item, *, intent=None, submission=None, choice=None, **fields):
    choice = choice or (f"i:{intent.pk}" if intent else "v:oos")
    form = {"submission": submission or str(uuid4()), "choice": choice, "seconds": "3.5"}
    url = f"/review/items/{item.pk}/answer/"
    return client.post(url, form | fields, headers=HTMX)
