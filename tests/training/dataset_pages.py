"""The pages of datasets, as a reader sees them."""

URL = "/datasets/"


def page(client, path="", **query):
    response = client.get(f"{URL}{path}", query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())
