"""A bot that knows nothing by itself: learnloop says what is meant, and this has an answer to it.

    LEARNLOOP_KEY=ll_… LEARNLOOP_SECRET=whsec_… python examples/bank_bot.py --bot bank-bot

LEARNLOOP_URL and LEARNLOOP_BOT stand in for --url and --bot. Each line of the terminal is a turn.
`+` and `-` are thumbs for the answer before; an empty line, or the end of the input, ends the
conversation.
"""

import argparse
import os
import sys
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from learnloop_client import Batch, Client, Event, NoVersion, Refused, Unreachable

ANSWERS = {
    "card_lost": "I have blocked your card. A new one comes within five days.",
    "card_arrival": "Cards take five working days. Yours is on its way.",
    "balance": "You find your balance on the first page of the app.",
}
SORRY = "Sorry, I do not know about that yet. A colleague will read this."


class Talk:
    """One conversation: what was asked last, and where its events go."""

    def __init__(self, client: Client, batch: Batch) -> None:
        self._client = client
        self._batch = batch
        self._id = f"c-{uuid.uuid4().hex[:12]}"
        self._last = ""

    def hear(self, text: str) -> str:
        """The bot's answer to `text`."""
        began = time.perf_counter()
        try:
            found = self._client.predict(text, conversation_id=self._id)
            self._last, intent = found.prediction_id, found.intent
        except NoVersion as waiting:
            self._last, intent = waiting.prediction_ids[0], None
        answer = ANSWERS.get(intent or "", SORRY)
        latency = round(1000 * (time.perf_counter() - began))
        self._batch.add(
            Event(self._id, bot_response=answer, latency_ms=latency, prediction_id=self._last)
        )
        return answer

    def rate(self, mark: str) -> None:
        if self._last:
            thumb = "up" if mark == "+" else "down"
            self._client.feedback(prediction_id=self._last, thumb=thumb)

    def end(self) -> None:
        # With its time: without one it happened when the batch was sent, in whole seconds.
        self._batch.add(Event(self._id, kind="closed", timestamp=datetime.now(UTC)))


def talk(client: Client, lines: Iterable[str]) -> list[str]:
    """Answer each line; what was answered."""
    answers = []
    with Batch(client) as batch:
        conversation = Talk(client, batch)
        for line in map(str.strip, lines):
            if not line:
                break
            if line in ("+", "-"):
                conversation.rate(line)
                continue
            answers.append(conversation.hear(line))
            print(answers[-1], flush=True)
        conversation.end()
    return answers


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = os.environ.get
    parser.add_argument("--url", default=known("LEARNLOOP_URL", "http://127.0.0.1:8000"))
    parser.add_argument(
        "--bot", default=known("LEARNLOOP_BOT", "bank-bot"), help="its name in addresses"
    )
    options = parser.parse_args()
    key, secret = known("LEARNLOOP_KEY"), known("LEARNLOOP_SECRET")
    if not key or not secret:
        parser.error(
            "put a key (Settings, API keys) into LEARNLOOP_KEY, and a secret (Settings, Webhook "
            "secrets) into LEARNLOOP_SECRET."
        )
    try:
        with Client(options.url, bot=options.bot, api_key=key, webhook_secret=secret) as client:
            talk(client, sys.stdin)
    except ValueError as trouble:  # of a secret that is none
        parser.error(str(trouble))
    except (Refused, Unreachable) as trouble:
        sys.exit(f"{options.url} did not take that: {trouble}")


if __name__ == "__main__":
    main()
