"""The pages of groups, and the form of one as a browser sends it."""

import re
from uuid import uuid4

LIST = "/review/clusters/"


def page_of(client, group, query=""):
    return client.get(f"{LIST}{group.pk}/{query}")


def tokens_on(response):
    return re.findall(r'name="shown" value="([^"]+)"', response.content.decode())


def save(client, group, intent, *, peeled=(), shown=None, submission=None, **form):
    """Send the form of a page that shows the group as it is now, unless something was shown."""
    return client.post(
        f"{LIST}{group.pk}/answer/",
        {
            "submission": submission or uuid4(),
            "choice": f"i:{intent.pk}",
            "shown": tokens_on(page_of(client, group)) if shown is None else shown,
            "peeled": [item.pk for item in peeled],
            "seconds": "8",
            **form,
        },
    )
