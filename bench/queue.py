"""What handing out and answering cost, however many items wait.

    ./loop bench queue [--sizes 1000,20000,200000,1000000] [--answers 400]

An embedded database gets that many open items with their turns, conversations and texts. Then 1
and 8 annotators, each a process of its own, take the next item and answer it, again and again.
CPU is that of their processes and of PostgreSQL, read from the kernel. `hold` is the statement
that holds an item, alone.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

ANNOTATORS = (1, 8)

# As wide as real ones: sentences, guesses, the words of a turn.
FILL = """
WITH new AS MATERIALIZED (
    SELECT md5(%(bot)s::text || '-' || n)::uuid AS id, n,
        timestamptz '2026-05-01' + n * interval '1 second' AS at
    FROM generate_series(%(first)s, %(last)s) n
), texts AS (
    INSERT INTO ingest_text (id, bot_id, text, encoded_by, compared, bands)
    SELECT id, %(bot)s, 'i lost my card number ' || n, 'use', true, '{}' FROM new
), talks AS (
    INSERT INTO ingest_conversation (id, bot_id, name, started_at, last_at, channel, language,
        users, intents, turn_count, outcome, side, audit_share, signals, weight, changes)
    SELECT id, %(bot)s, 'c-' || n, at, at, 'web', 'en', '{}', '{card_lost}', 1, 'open',
        CASE WHEN n %% 10 = 0 THEN 'audit' ELSE 'train' END, 0.1, '{low_confidence}', 0.5, 0
    FROM new
), events AS (
    INSERT INTO ingest_incomingevent
        (id, bot_id, conversation_id, kind, at, received_at, digest, redacted, mended)
    SELECT id, %(bot)s, id, 'turn', at, at, id, '{}', false FROM new
), turns AS (
    INSERT INTO ingest_turn (event_id, bot_id, conversation_id, at, text, response,
        distinct_text_id, intent, alternatives, entities, dialog_state, error, model_version)
    SELECT id, %(bot)s, id, at, 'I lost my card number ' || n, 'You can order a new one.', id,
        'card_lost', '[]', '[]', '{"step": 2}', '', 'v12' FROM new
)
INSERT INTO annotation_reviewitem (bot_id, turn_id, conversation_id, text_id, text_group, at, lane,
    status, priority, weight, kinds, reasons, guesses, guess, confidence, margin, model_version,
    guess_hidden, neighbours, neighbours_of, alike_count, policy, answers_wanted, not_for,
    created_at)
SELECT %(bot)s, id, id, id, id, at,
    (ARRAY['audit', 'novelty', 'selection', 'selection', 'selection', 'selection', 'selection',
           'selection', 'selection', 'selection'])[1 + n %% 10],
    'open', random() * 3, 0.5, '{low_confidence,small_margin}',
    '["The bot was 0.41 sure of card_lost, less than 0.50.",
      "The bot hesitated between card_lost 0.41 and card_stolen 0.38: less than 0.10 apart."]',
    '[{"intent": "card_lost", "confidence": 0.41}, {"intent": "card_stolen", "confidence": 0.38},
      {"intent": "freeze_card", "confidence": 0.09}]',
    'card_lost', 0.41, 0.03, 'v12', n %% 10 = 3, '[]', 0, 0,
    CASE WHEN n %% 10 = 0 THEN 'audit' ELSE 'signals' END,
    CASE WHEN n %% 20 = 7 THEN 2 ELSE 1 END, '{}', now()
FROM new
"""
AT_ONCE = 50_000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,20000,200000,1000000")
    parser.add_argument("--answers", type=int, default=800)
    parser.add_argument("--holds", type=int, default=300)
    parser.add_argument("--churn", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "WARNING"
        from learnloop import embedded

        with embedded.Servers(Path(folder)):
            set_up()
            measure([int(size) for size in options.sizes.split(",")], options)


def set_up():
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)


def measure(sizes, options):
    print(f"load of this machine before: {os.getloadavg()[0]:.1f}")
    print(
        f"{'open':>9} {'people':>6}  {'':10} {'times':>6} {'CPU ms':>7} {'own':>6} {'database':>8} "
        f"{'p50 ms':>7} {'p95 ms':>7} {'statements':>10}"
    )
    for number, size in enumerate(sizes):
        bot = filled(number, size)
        print_line(size, 1, "hold", holds(bot, options.holds))
        answers = min(options.answers, size // 3)
        for people in ANNOTATORS:
            print_run(size, run(bot, people, answers // people))
    print_churn(bot, options.churn)


def print_line(size, people, label, steps):
    own, database = (
        sum(each) / len(steps) * 1000
        for each in zip(*((s.own, s.database) for s in steps), strict=True)
    )
    times = sorted(step.seconds * 1000 for step in steps)
    statements = sum(step.statements for step in steps) / len(steps)
    print(
        f"{size:9,} {people:6}  {label:10} {len(steps):6} {own + database:7.2f} {own:6.2f} "
        f"{database:8.2f} {times[len(times) // 2]:7.2f} {times[int(len(times) * 0.95)]:7.2f} "
        f"{statements:10.1f}",
        flush=True,
    )


def print_run(size, done):
    for label in ("take_next", "answer"):
        steps = [step for each in done for step in each.steps[label]]
        print_line(size, len(done), label, steps)
    items = [item for each in done for item in each.items]
    seconds = max(each.ended for each in done) - min(each.began for each in done)
    print(
        f"{'':18} {len(items) / seconds:.0f} items a second; {doubles(items)} answered twice that "
        "wanted one answer",
        flush=True,
    )


def doubles(items):
    from annotation.models import ReviewItem

    wanted = ReviewItem.objects.in_bulk(set(items), field_name="pk")
    return sum(times > wanted[key].answers_wanted for key, times in Counter(items).items())


def print_churn(bot, count):
    """Whether the index stays quick where thousands have been taken from its beginning."""
    steps = holds(bot, count, closing=True)
    first, last = (
        statistics.mean(step.database for step in part) * 1000
        for part in (steps[: count // 10], steps[-count // 10 :])
    )
    print(
        f"{count:,} taken and closed one after the other: "
        f"{first:.2f} ms of database CPU for the first tenth, {last:.2f} ms for the last"
    )


# ── filling ───────────────────────────────────────────────────────────────────────────


def filled(number, size):
    """A bot with so many open items, and intents to choose from."""
    from django.db import connection

    from accounts.models import Bot
    from annotation.models import Intent

    bot = Bot.objects.create(name=f"Bot of {size}", slug=f"bench-{number}")
    Intent.objects.bulk_create(Intent(bot=bot, name=f"intent {n}") for n in range(77))
    with connection.cursor() as cursor:
        for first in range(1, size + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, size)
            cursor.execute(FILL, {"bot": bot.pk, "first": first, "last": last})
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return bot


def people_of(bot, count):
    from accounts.models import Membership, User

    people = [User(username=f"{uuid4()}") for _ in range(count)]
    User.objects.bulk_create(people)
    Membership.objects.bulk_create(
        Membership(bot=bot, user=person, role="annotator") for person in people
    )
    return [person.pk for person in people]


# ── running ───────────────────────────────────────────────────────────────────────────


class Step(NamedTuple):
    """What one operation took, in seconds: of the clock, of CPU here, of its backend."""

    seconds: float
    own: float
    database: float
    statements: int


@dataclass
class Done:
    """What one annotator did."""

    steps: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))
    items: list[int] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0


class Meter:
    """Measures operations on this process's own connection."""

    def __init__(self):
        from django.db import connection

        from accounts import pipelining

        connection.ensure_connection()
        self._backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
        self._connection = connection
        self._asked = 0
        connection.execute_wrappers.append(self._count)
        send = pipelining.prepared
        # What is sent beside Django's cursors counts as well.
        pipelining.prepared = lambda *sent: self._count(send, *sent)

    def _count(self, execute, *sent):
        self._asked += 1
        return execute(*sent)

    def _now(self):
        spent = int(self._backend.read_text().split()[0]) / 1e9
        return time.perf_counter(), time.process_time(), spent, self._asked

    def step(self, operation):
        before = self._now()
        result = operation()
        after = self._now()
        return result, Step(*(a - b for a, b in zip(after, before, strict=True)))


def holds(bot, count, *, closing=False):
    """The holding statement alone, each time for somebody who holds nothing."""
    from accounts.models import User
    from annotation import holding
    from annotation.models import ReviewItem

    meter, steps, people = Meter(), [], people_of(bot, min(count, 300))
    everybody = User.objects.in_bulk(people)
    for number in range(count):
        user = everybody[people[number % len(people)]]
        asked = holding._Asked(user, bot, holding.ANY, ())
        item, step = meter.step(lambda asked=asked: asked.held("SKIP LOCKED"))
        steps.append(step)
        if closing:
            ReviewItem.objects.filter(pk=item.pk).update(
                status="done", ended_at=item.created_at, holder=None, held_until=None
            )
    holding.expire()
    ReviewItem.objects.filter(holder__isnull=False).update(holder=None, held_until=None)
    return steps


def run(bot, people, answers):
    from django.db import connections

    keys = people_of(bot, people)
    connections.close_all()  # before others are started, which would share them
    begin_at = time.time() + 6
    with ProcessPoolExecutor(people, get_context("spawn"), initializer=start) as processes:
        working = [processes.submit(work, bot.pk, key, answers, begin_at) for key in keys]
        return [each.result() for each in working]


def start():
    import django

    django.setup()


def work(bot_id, user_id, answers, begin_at):
    """Take and answer so many items; called in a process of its own."""
    from accounts.models import Bot, User
    from annotation.answering import Answer, answer
    from annotation.holding import take_next
    from annotation.models import Annotation, Intent

    bot = Bot.objects.get(pk=bot_id)
    intents = list(Intent.objects.of(bot).values_list("pk", flat=True))
    meter, done = Meter(), Done()
    time.sleep(max(begin_at - time.time(), 0))
    done.began = time.time()
    for number in range(answers):
        user = User.objects.get(pk=user_id)  # as in a request
        user.has_perm("annotation.adjudicate", bot)
        item, step = meter.step(lambda user=user: take_next(user, bot=bot))
        done.steps["take_next"].append(step)
        said = Answer(uuid4(), Annotation.Verdict.INTENT, intents[number % len(intents)])
        _, step = meter.step(
            lambda item=item, user=user, said=said: answer(item.pk, user, said, bot=bot)
        )
        done.steps["answer"].append(step)
        done.items.append(item.pk)
    done.ended = time.time()
    return done


if __name__ == "__main__":
    main()
