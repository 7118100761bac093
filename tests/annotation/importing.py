"""A file of intents, sent to /intents/import/ and agreed to."""

from django.core.files.uploadedfile import SimpleUploadedFile

IMPORT = "/intents/import/"


def send(client, content, *, name="words.csv", **fields):
    raw = content if isinstance(content, bytes) else content.encode()
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, raw), **fields})


def agree(client, shown):
    """Press Import on the preview."""
    agreed = shown.context["agreed"]
    return client.post(IMPORT, {field.name: field.value() for field in agreed})


def take_in(client, content, *, name="words.csv"):
    return agree(client, send(client, content, name=name))


def refusals(response):
    return [(each.line, each.field, each.reason) for each in response.context["plan"].refusals]


def names(steps):
    return [step.entry.name for step in steps]
