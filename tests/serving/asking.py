"""Bots that ask, through Django and by the fast path."""

import json
from types import SimpleNamespace

from learnloop import fast_path

ADDRESS, HOST = "/api/v1/predict", "testserver"
TURN = {"conversation_id": "c-1", "text": "hi"}


def post(client, body, **more):
    return client.post(ADDRESS, body, content_type="application/json", **more)


class Line:
    """A bot on a kept connection: what it sends has the same headers every time."""

    def __init__(self, token):
        self.token = token
        self.path = fast_path.to_predict()
        self.told = {}  # what Django hears of the last question
        self.scope = SimpleNamespace(path=ADDRESS, method="POST", query_string="", scheme="http")

    def headers(self, body=b"", **more):
        own = {"authorization": f"Bearer {self.token}", "content-length": str(len(body))}
        return list(({"host": HOST, "content-type": "application/json"} | own | more).items())

    def learn(self, response):
        self.path.learn(
            self.scope, self.headers(), response.status_code, list(response.headers.items())
        )

    def ask(self, body, **more):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.told = {}
        return self.path.answer(self.scope, self.headers(body, **more), body, self.told)
