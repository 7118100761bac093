"""The form of an intent, as a browser sends it."""

URL = "/intents/"
NEW = "/intents/new/"


def typed(**fields):
    return {"name": "card_lost", "colour": "series-3", **fields}


def create(client, **fields):
    return client.post(NEW, typed(**fields))


def edit(client, intent, **fields):
    return client.post(f"{URL}{intent.pk}/edit/", {"colour": "series-3", **fields})
