"""What the pages about agreement cost, however many answers there are.

    ./loop bench agreement [--answers 1000000] [--people 20] [--intents 150] [--days 365]

An embedded database gets that many answers, two to an item, with 85 in 100 items answered alike.
Some thousand are whole, with items, turns and spans, and are compared by the job's own verb, as a
measure of it. The others are answers alone, compared and summed by SQL as the job would. Then each
page is asked for ten times. CPU is that of this process and of its PostgreSQL backend, read from
the kernel.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

MOST_MS = 200

ITEMS = """
WITH new AS MATERIALIZED (
    SELECT md5(n::text)::uuid AS id, n,
        now() - random() * %(days)s * interval '1 day' AS at
    FROM generate_series(%(first)s, %(last)s) n
), talks AS (
    INSERT INTO ingest_conversation (id, bot_id, name, started_at, last_at, channel, language,
        users, intents, turn_count, outcome, side, audit_share, signals, weight, changes)
    SELECT id, %(bot)s, 'c-' || n, at, at, 'web', 'en', '{}', '{}', 1, 'open', 'train', 0.1,
        '{}', 0, 0 FROM new
), events AS (
    INSERT INTO ingest_incomingevent
        (id, bot_id, conversation_id, kind, at, received_at, digest, redacted, mended)
    SELECT id, %(bot)s, id, 'turn', at, at, id, '{}', false FROM new
), turns AS (
    INSERT INTO ingest_turn (event_id, bot_id, conversation_id, at, text, response, intent,
        alternatives, entities, dialog_state, error, model_version)
    SELECT id, %(bot)s, id, at, 'I lost my card number ' || n, '', '', '[]', '[]', '{}', '', ''
    FROM new
)
INSERT INTO annotation_reviewitem (bot_id, turn_id, conversation_id, at, lane, status, priority,
    weight, kinds, reasons, guesses, guess, model_version, guess_hidden, neighbours,
    neighbours_of, alike_count, policy, answers_wanted, not_for, created_at, ended_at)
SELECT %(bot)s, id, id, at, 'second', 'done', 1, 0, '{}', '[]', '[]', '', '', false, '[]', 0, 0,
    'signals', 2, '{}', at, at FROM new
"""
# Two people of those there are, one of whom errs in 15 of 100 items; few intents have most.
ANSWERS = """
WITH drawn AS MATERIALIZED (
    SELECT id, at, (id * 7919 %% %(people)s)::int AS one,
        (1 + id * 104729 %% (%(people)s - 1))::int AS step,
        floor(%(intents)s * random() ^ 2)::int AS meant,
        CASE WHEN random() < 0.15 THEN 1 + floor(3 * random())::int ELSE 0 END AS off
    FROM annotation_reviewitem WHERE bot_id = %(bot)s AND id > %(after)s AND id <= %(upto)s
), said AS MATERIALIZED (
    SELECT id, at, who, (%(everybody)s::bigint[])[1 + who %% %(people)s] AS person,
        (%(words)s::bigint[])[1 + meaning %% %(intents)s] AS intent
    FROM drawn, LATERAL (VALUES (one, meant), (one + step, meant + off)) AS each (who, meaning)
), answers AS (
    INSERT INTO annotation_annotation (bot_id, submission, item_id, annotator_id, lane, verdict,
        intent_id, better_answer, note, for_alike, guess_shown, seconds, created_at)
    SELECT %(bot)s, gen_random_uuid(), id, person, 'second', 'intent', intent, '', '', false,
        true, 2 + 10 * random(), at FROM said
    RETURNING id, item_id
)
INSERT INTO annotation_entityspan (annotation_id, type_id, start, "end", text)
SELECT id, (%(types)s::bigint[])[1 + item_id %% 5], 2, 6 + floor(1.2 * random())::int, 'lost'
FROM answers WHERE item_id %% 10 = 0
"""
# Neither foreign keys nor the triggers that note what is to be compared.
ALONE = """
SET session_replication_role = replica;
WITH said AS MATERIALIZED (
    SELECT id, now() - random() * %(days)s * interval '1 day' AS at, (id * 7919 %% %(people)s)::int
        AS one, (1 + id * 104729 %% (%(people)s - 1))::int AS step,
        floor(%(intents)s * random() ^ 2)::int AS meant,
        CASE WHEN random() < 0.15 THEN 1 + floor(3 * random())::int ELSE 0 END AS off
    FROM generate_series(%(after)s::bigint + 1, %(upto)s::bigint) id
)
INSERT INTO annotation_annotation (bot_id, submission, item_id, annotator_id, lane, verdict,
    intent_id, better_answer, note, for_alike, guess_shown, seconds, created_at)
SELECT %(bot)s, gen_random_uuid(), id, (%(everybody)s::bigint[])[1 + who %% %(people)s], 'second',
    'intent', (%(words)s::bigint[])[1 + meaning %% %(intents)s], '', '', false, true,
    2 + 10 * random(), at
FROM said, LATERAL (VALUES (one, meant), (one + step, meant + off)) AS each (who, meaning);
SET session_replication_role = origin;
"""
PAIRS = """
INSERT INTO annotation_comparison
    (bot_id, item_id, week, answers, one_id, other_id, one_meaning, other_meaning, spans)
SELECT a.bot_id, a.item_id,
    date_trunc('week', greatest(a.created_at, b.created_at) AT TIME ZONE 'UTC')::date, 2,
    a.annotator_id, b.annotator_id, a.intent_id, b.intent_id, '[]'
FROM annotation_annotation a
JOIN annotation_annotation b ON b.item_id = a.item_id AND b.annotator_id > a.annotator_id
WHERE a.item_id > %(after)s
"""
PEOPLE = """
INSERT INTO annotation_personcount AS stood
    (bot_id, week, person_id, meaning, answers, mine, others, "both")
SELECT bot_id, week, person, meaning, 2, sum(mine), sum(others), sum(met)
FROM annotation_comparison,
    LATERAL (SELECT (one_meaning = other_meaning)::int AS same) AS compared,
    LATERAL (VALUES
        (one_id, one_meaning, 1, same, same), (one_id, other_meaning, 0, 1 - same, 0),
        (other_id, other_meaning, 1, same, same), (other_id, one_meaning, 0, 1 - same, 0)
    ) AS seen (person, meaning, mine, others, met)
WHERE item_id > %(after)s GROUP BY 1, 2, 3, 4 HAVING sum(mine) + sum(others) > 0
ON CONFLICT (bot_id, week, person_id, meaning, answers) DO UPDATE SET
    mine = stood.mine + excluded.mine, others = stood.others + excluded.others,
    "both" = stood."both" + excluded."both"
"""
DISPUTES = """
INSERT INTO annotation_disputecount AS stood (bot_id, week, low, high, pairs)
SELECT bot_id, week, least(one_meaning, other_meaning), greatest(one_meaning, other_meaning),
    count(*)
FROM annotation_comparison WHERE item_id > %(after)s AND one_meaning <> other_meaning
GROUP BY 1, 2, 3, 4
ON CONFLICT (bot_id, week, low, high) DO UPDATE SET pairs = stood.pairs + excluded.pairs
"""
AT_ONCE = 25_000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--whole", type=int, default=10_000, help="answers with items and turns")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--intents", type=int, default=150)
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "WARNING"
        from learnloop import embedded

        with embedded.Servers(Path(folder)):
            from bench.queue import set_up

            set_up()
            measure(options)


def measure(options):
    from accounts.models import User
    from annotation.comparing import compare_due
    from annotation.models import Comparison, DisputeCount, PersonCount, SpanCount
    from bench.queue import Meter

    print(f"load of this machine before: {os.getloadavg()[0]:.1f}")
    bot, values = fill(options)
    began, cpu = time.perf_counter(), time.process_time()
    compared = compare_due(bot)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"the job compared {compared:,} items in {seconds:.1f} s ({cpu:.1f} s of its own CPU)")
    fill_up(options, values)
    counts = [kind.objects.count() for kind in (Comparison, PersonCount, DisputeCount, SpanCount)]
    print(
        "{:,} pairs; rows of sums: {:,} of people, {:,} of disputes, {:,} of spans".format(*counts)
    )
    analyze()
    client = reviewer_of(bot)
    person = User.objects.get(pk=values["everybody"][0])
    meter = Meter()
    print(f"{'page':40} {'CPU ms':>7} {'own':>6} {'database':>8} {'statements':>10}")
    for path in (
        "/review/agreement/?weeks=all",
        "/review/agreement/",
        "/review/people/?weeks=all",
        f"/review/people/{person.pk}/?weeks=all",
    ):
        print_page(client, path, meter)
    print(f"at most {MOST_MS} ms for the first")


def fill(options):
    from django.db import connection

    from accounts.models import Bot
    from annotation.models import EntityType, Intent
    from bench.queue import people_of

    bot = Bot.objects.create(name="Bank bot", slug="bank-bot")
    words = Intent.objects.bulk_create(
        Intent(bot=bot, name=f"intent {n}") for n in range(options.intents)
    )
    types = EntityType.objects.bulk_create(EntityType(bot=bot, name=f"type {n}") for n in range(5))
    everybody = people_of(bot, options.people)
    values = {
        "bot": bot.pk,
        "days": options.days,
        "people": options.people,
        "intents": options.intents,
        "everybody": everybody,
        "words": [word.pk for word in words],
        "types": [kind.pk for kind in types],
    }
    with connection.cursor() as cursor:
        for first in range(1, options.whole // 2 + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, options.whole // 2)
            cursor.execute("SELECT COALESCE(max(id), 0) FROM annotation_reviewitem")
            (after,) = cursor.fetchone()
            cursor.execute(ITEMS, values | {"first": first, "last": last})
            upto = after + last - first + 1
            cursor.execute(ANSWERS, values | {"after": after, "upto": upto})
    analyze()
    return bot, values


def fill_up(options, values):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM annotation_reviewitem")
        (after,) = cursor.fetchone()
        upto = after + (options.answers - options.whole) // 2
        for statement in (ALONE, PAIRS, PEOPLE, DISPUTES):
            for part in statement.split(";\n"):
                cursor.execute(part, values | {"after": after, "upto": upto})


def analyze():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def reviewer_of(bot):
    from django.test import Client

    from accounts.models import Membership, User

    user = User.objects.create(username="rafa")
    Membership.objects.create(bot=bot, user=user, role="reviewer")
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def print_page(client, path, meter, times=10):
    client.get(path)  # warm
    steps = []
    for _ in range(times):
        response, step = meter.step(lambda: client.get(path))
        assert response.status_code == 200, response.status_code
        steps.append(step)
    own = sum(step.own for step in steps) / times * 1000
    database = sum(step.database for step in steps) / times * 1000
    statements = sum(step.statements for step in steps) / times
    print(f"{path:40} {own + database:7.1f} {own:6.1f} {database:8.1f} {statements:10.0f}")


if __name__ == "__main__":
    main()
