"""The page of a model version, as a reader sees it."""


def text_of(response):
    return " ".join(response.content.decode().split())


def page_of(client, version, query=""):
    return text_of(client.get(f"/models/{version.pk}/{query}"))
