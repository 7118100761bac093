"""A made-up event, to see that events arrive, and what a bot has to run to send its own."""

from datetime import datetime
from uuid import UUID, uuid4

from accounts.models import Bot
from ingest import receiving, senders
from ingest.preparing import prepare
from ingest.reading import read_event

SAID = "Where do I find the number of my account?"
ANSWERED = "It is at the top of the first page of each statement."

# The key in the arguments of openssl is seen by whoever lists the processes of that machine.
CURL = r"""
body='{
  "conversation_id": "first",
  "user_input": "SAID",
  "bot_response": "ANSWERED"
}'

id="msg_$(openssl rand -hex 12)"
now=$(date +%s)
key=$(printf %s "${LEARNLOOP_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
signature=$(printf %s "$id.$now.$body" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)

curl -sS 'ADDRESS' \
  -H 'content-type: application/json' \
  -H "webhook-id: $id" \
  -H "webhook-timestamp: $now" \
  -H "webhook-signature: v1,$signature" \
  --data-raw "$body"
"""

PYTHON = r"""
import base64, hashlib, hmac, json, time, urllib.request, uuid
from os import environ

event = {
    "conversation_id": "first",
    "user_input": "SAID",
    "bot_response": "ANSWERED",
}

key = base64.b64decode(environ["LEARNLOOP_SECRET"].removeprefix("whsec_"))
body = json.dumps(event).encode()
id, now = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
signed = hmac.new(key, f"{id}.{now}.".encode() + body, hashlib.sha256).digest()
headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": now,
    "webhook-signature": "v1," + base64.b64encode(signed).decode(),
}
request = urllib.request.Request("ADDRESS", body, headers)
with urllib.request.urlopen(request, timeout=10) as answer:
    print(answer.status, answer.read().decode())
"""


def curl(address: str) -> str:
    """Lines for bash that send an event. They need curl and openssl, and LEARNLOOP_SECRET."""
    return _filled(CURL, address)


def python(address: str) -> str:
    """The same for Python, without anything to install."""
    return _filled(PYTHON, address)


def send_test_event(bot: Bot, *, at: datetime) -> UUID:
    """Take in one made-up event as if `bot` had sent it; return its conversation."""
    raw = {
        "conversation_id": f"test-{at:%Y-%m-%dT%H:%M:%S}",
        "user_input": SAID,
        "bot_response": ANSWERED,
        "channel": "test",
        "language": "en",
    }
    keeper = senders.keeper_of(bot)
    event = prepare(read_event(raw), name=f"test-{uuid4()}", sent_at=at, keeper=keeper)
    receiving.store([event], keeper=keeper)
    return event.conversation


def _filled(snippet: str, address: str) -> str:
    filled = snippet.replace("SAID", SAID).replace("ANSWERED", ANSWERED)
    return filled.replace("ADDRESS", address).strip()
