"""The review screen over HTTP, as a browser speaks to it."""

from uuid import uuid4

HTMX = {"hx-request": "true"}
GUESSES = [
    {"intent": "card_lost", "confidence": 0.41},
    {"intent": "card_stolen", "confidence": 0.38},
]


def form(**fields):
    return {"submission": str(uuid4()), "choice": "v:oos"} | fields


def send(client, item, *, htmx=True, **fields):
    headers = HTMX if htmx else {}
    return client.post(f"/review/items/{item.pk}/answer/", form(**fields), headers=headers)


def words(response):
    return " ".join(response.content.decode().split())
