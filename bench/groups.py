"""What labelling by groups needs, and how long grouping takes.

    ./loop bench groups FILE.jsonl.gz [--large 20000] [--rounds 8] [--most N]

FILE has one JSON object a line, with `text` and `intent`. Its texts wait in the queue of a bot that
knows the intents' names and nothing more. Somebody labels by the product's own forms, over HTTP:
they open the biggest group, peel off what the file labels otherwise than most of what is on
screen, show more until all was there, choose the intent, save. When no group of three or more is
left, what was peeled off is grouped again. With --most no more groups than that a round.

An action is one decision: a turn peeled off, a page shown, an intent chosen, a group saved or
skipped. `keys` counts keys pressed: for a peeled turn those that lead to it, for an intent that is
not offered three more. Afterwards --large made-up open items are grouped: a random text of the file
each, its vector moved a little.
"""

import argparse
import gzip
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np

LEAST = 3  # turns: a pair costs as much as two turns one by one
FILTER = f"?least={LEAST}"
LARGEST = 50
SPREAD = 0.3  # how far a made-up vector lies from the one that it was made of
MOST_SECONDS, LEAST_PURITY, MOST_ACTIONS = 10, 0.85, 0.6


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--large", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--most", type=int, default=sys.maxsize)
    options = parser.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":  # as in a worker, before numpy counts the cores
        os.environ["OMP_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "bench.groups", *sys.argv[1:]])
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "ERROR"
        from bench.queue import set_up
        from learnloop import embedded

        with embedded.Servers(Path(folder)):
            set_up()
            measure(options)


def measure(options):
    print(f"load of this machine before: {os.getloadavg()[0]:.1f}")
    rows = read(options.file)
    bot, intents = filled("bench", list(rows), sorted(set(rows.values())))
    vectors = embed(bot)
    grouped(bot, f"{len(rows):,} texts of the file")
    print_purity(bot, rows)
    label(bot, rows, intents, rounds=options.rounds, most=options.most)
    if options.large:
        large, _ = filled("large", [f"made up {number}" for number in range(options.large)], [])
        move(large, vectors)
        grouped(large, f"{options.large:,} open items", most=MOST_SECONDS)


def verdict(met):
    return "met" if met else "MISSED"


# ── filling ───────────────────────────────────────────────────────────────────────────


def read(file):
    """What each distinct text of the file means."""
    from ml.normalising import normalised

    with gzip.open(file, "rt") as lines:
        given = [json.loads(line) for line in lines]
    return {normalised(row["text"]): row["intent"] for row in given if normalised(row["text"])}


ITEMS = """
INSERT INTO annotation_reviewitem (bot_id, turn_id, conversation_id, text_id, text_group, at, lane,
    status, priority, weight, kinds, reasons, guesses, guess, model_version, guess_hidden,
    neighbours, neighbours_of, alike_count, policy, answers_wanted, not_for, created_at)
SELECT bot_id, event_id, conversation_id, distinct_text_id, distinct_text_id, at, 'selection',
    'open', 1, 0.5, '{}', '[]', '[]', '', '', false, '[]', 0, 0, 'signals', 1, '{}', now()
FROM ingest_turn WHERE bot_id = %s
"""


def filled(slug, texts, names):
    """A bot in whose queue `texts` wait, and its intents by name."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import Bot
    from annotation.models import Intent
    from ingest.models import Conversation, IncomingEvent, Text, Turn

    bot, now = Bot.objects.create(name=slug, slug=slug), timezone.now()
    keys = [uuid4() for _ in texts]
    everything = list(zip(keys, texts, strict=True))
    Text.objects.bulk_create(
        (Text(id=key, bot=bot, text=text) for key, text in everything), batch_size=5000
    )
    Conversation.objects.bulk_create(
        (
            Conversation(
                id=key, bot=bot, name=f"{key}", started_at=now, last_at=now, turn_count=1,
                side="train", audit_share=0.02,
            )
            for key in keys
        ),
        batch_size=5000,
    )  # fmt: skip
    IncomingEvent.objects.bulk_create(
        (
            IncomingEvent(
                id=key, bot=bot, conversation_id=key, kind="turn", at=now, digest=key, redacted={}
            )
            for key in keys
        ),
        batch_size=5000,
    )
    Turn.objects.bulk_create(
        (
            Turn(
                event_id=key, bot=bot, conversation_id=key, at=now, text=text,
                response="", distinct_text_id=key,
            )
            for key, text in everything
        ),
        batch_size=5000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(ITEMS, [bot.pk])
        cursor.execute("ANALYZE")
    Intent.objects.bulk_create(Intent(bot=bot, name=name) for name in names)
    return bot, dict(Intent.objects.of(bot).values_list("name", "pk"))


def embed(bot):
    from ingest.embedding import embed_waiting, encoder_of
    from ingest.vector_copy import open_copy

    began = time.process_time()
    embed_waiting(bot)
    print(f"vectors: {time.process_time() - began:.1f} s of CPU")
    return np.array(open_copy(bot, encoder_of(bot)).vectors, np.float32)


def move(bot, vectors):
    """Store a vector for each text of the bot: one that was given, moved a little."""
    from ingest.embedding import _store, encoder_of
    from ingest.models import Text

    random = np.random.default_rng(0)
    ids = list(Text.objects.filter(bot=bot).values_list("id", flat=True))
    rows = vectors[random.integers(len(vectors), size=len(ids))]
    rows = rows + random.normal(size=rows.shape) * SPREAD / np.sqrt(rows.shape[1])
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    for at in range(0, len(ids), 512):
        _store(
            bot, ids=ids[at : at + 512], vectors=rows[at : at + 512],
            version=encoder_of(bot).version,
        )  # fmt: skip


# ── grouping ──────────────────────────────────────────────────────────────────────────


def grouped(bot, what, *, most=None, quiet=False):
    """Group by the job, as a worker does, in this process."""
    from annotation.grouping_anew import ask_for_grouping, live_job
    from jobs import work

    ask_for_grouping(bot)
    job = live_job(bot)
    began, cpu = time.perf_counter(), time.process_time()
    work.Delivery.token = uuid4()
    work.run(job.pk)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    job.refresh_from_db()
    if job.state != "done":
        sys.exit(f"the job ended as {job.state}: {job.error}")
    if not quiet:
        bar = f"  ≤ {most} s: {verdict(seconds <= most)}" if most else ""
        print(f"grouping {what}: {seconds:.1f} s ({cpu:.1f} s of CPU), {job.message}{bar}")


def print_purity(bot, rows):
    from annotation.models import TurnGroup

    purity, size = [], []
    for group in TurnGroup.objects.of(bot).biggest_first()[:LARGEST]:
        said = [rows[each.item.turn.text] for each in group.members.select_related("item__turn")]
        purity.append(Counter(said).most_common(1)[0][1] / len(said))
        size.append(len(said))
    mean = float(np.mean(purity))
    print(
        f"{len(purity)} largest groups: {size[0]} to {size[-1]} turns, mean purity {mean:.3f} "
        f"(from {min(purity):.2f} to {max(purity):.2f})  ≥ {LEAST_PURITY}: "
        f"{verdict(mean >= LEAST_PURITY)}"
    )


# ── labelling ─────────────────────────────────────────────────────────────────────────


@dataclass
class Tally:
    labels: int = 0
    groups: int = 0
    peeled: int = 0
    pages: int = 0
    chosen: int = 0
    saved: int = 0
    skipped: int = 0
    keys: int = 0

    @property
    def actions(self):
        return self.peeled + self.pages + self.chosen + self.saved + self.skipped

    def row(self, name):
        rate = self.actions / max(self.labels, 1)
        return (
            f"{name:12} {self.labels:7,} {self.groups:7,} {self.peeled:7,} {self.pages:6,} "
            f"{self.chosen:7,} {self.saved:6,} {self.skipped:8,} {rate:9.3f} "
            f"{self.keys / max(self.labels, 1):9.3f}"
        )


def label(bot, rows, intents, *, rounds, most):
    from annotation.models import GoldLabel

    person = Person(bot, rows, intents)
    total = Tally()
    print(
        f"{'':12} {'labels':>7} {'groups':>7} {'peeled':>7} {'pages':>6} {'chosen':>7} "
        f"{'saved':>6} {'skipped':>8} {'actions/l':>9} {'keys/l':>9}"
    )
    for number in range(1, rounds + 1):
        done = person.work_off(most)
        print(done.row(f"round {number}"), flush=True)
        for name in vars(total):
            setattr(total, name, getattr(total, name) + getattr(done, name))
        if done.labels < LARGEST or number == rounds:
            break
        grouped(bot, "", quiet=True)
    rate = total.actions / max(total.labels, 1)
    print(f"{total.row('together')}  ≤ {MOST_ACTIONS}: {verdict(rate <= MOST_ACTIONS)}")
    left = len(rows) - total.labels
    whole = (total.actions + 2 * left) / len(rows)
    print(
        f"{total.labels / len(rows):.1%} of the texts were labelled by groups; the other {left:,} "
        f"one by one, at two actions each, make it {whole:.3f} for all of them"
    )
    gold = GoldLabel.objects.of(bot).current().select_related("intent", "turn")
    wrong = sum(rows[each.turn.text] != each.intent.name for each in gold)
    print(f"gold labels: {len(gold):,}, of which {wrong:,} differ from the file")


class Person:
    """Somebody who knows the file, at a browser that reads forms alone."""

    def __init__(self, bot, rows, intents):
        from accounts.models import User
        from bench.queue import people_of
        from tests.roles import logged_in

        self._client = logged_in(User.objects.get(pk=people_of(bot, 1)[0]))
        self._bot, self._intents = bot, intents
        self._means = self._by_item(rows)
        self._client.defaults["HTTP_HOST"] = "localhost"

    def _by_item(self, rows):
        from annotation.models import ReviewItem

        items = ReviewItem.objects.of(self._bot).values_list("pk", "turn__text")
        return {item: rows[text] for item, text in items}

    def work_off(self, most):
        """Go from group to group as the pages lead, until those of LEAST turns are done."""
        done, seen = Tally(), set()
        page = self._client.get(f"/review/clusters/{FILTER}").content.decode()
        first = re.search(r'href="(/review/clusters/\d+/)\?', page)
        path = first and first[1]
        while path and path not in seen and done.groups < most:
            seen.add(path)
            path = self._label(path, done)
        return done

    def _label(self, path, done):
        page = self._client.get(path).content.decode()
        done.groups += 1
        shown, items = tokens(page), items_on(page)
        form = {"submission": uuid4()}
        last = page
        while 'id="group-more"' in last:
            answer = self._client.post(
                f"{path}more/", {"shown": shown}, headers={"HX-Request": "true"}
            )
            last = answer.content.decode()
            shown += tokens(last)
            items += items_on(last)
            done.pages += 1
            done.keys += 1
        counted = Counter(self._means[item] for item in items)
        means, times = counted.most_common(1)[0] if counted else ("", 0)
        if times < 2:
            return self._skip(path, done)
        odd = [item for item in items if self._means[item] != means]
        form |= {"choice": f"i:{self._intents[means]}", "shown": shown, "peeled": odd}
        answer = self._client.post(f"{path}answer/{FILTER}", form)
        self._count(done, items, odd, times, is_offered=f'value="{form["choice"]}"' in page)
        return where(answer)

    def _count(self, done, items, odd, times, *, is_offered):
        done.labels += times
        done.peeled += len(odd)
        done.chosen += 1
        done.saved += 1
        last = max((items.index(item) for item in odd), default=0)
        done.keys += last + len(odd) + 2 + (0 if is_offered else 3)

    def _skip(self, path, done):
        done.skipped += 1
        done.keys += 1
        return where(self._client.get(f"{path}next/{FILTER}"))


def where(answer):
    """The group that a page leads to; None for the list."""
    if answer.status_code != 302:
        sys.exit(f"answered {answer.status_code}: {answer.content.decode()[:500]}")
    found = re.match(r"/review/clusters/\d+/", answer["Location"])
    return found and found[0]


def tokens(page):
    return re.findall(r'name="shown" value="([^"]+)"', page)


def items_on(page):
    return [int(item) for item in re.findall(r'name="peeled"\s+value="(\d+)"', page)]


if __name__ == "__main__":
    main()
