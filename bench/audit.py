"""What the audit log costs: verifying a long one, writing to it, and histories of bulk writes.

    ./loop bench audit [--entries 1000000] [--labels 100000]

`verify` reads a log of that many entries with an anchor for every thousandth. `record` is one act
in a transaction of its own, by one and by 8 at once. `history` inserts that many gold labels with
one statement, with the triggers and without. `answer` is the verb behind the review screen, in
turns with histories and without, and the CPU that it takes here and in PostgreSQL.
"""

import argparse
import os
import resource
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from bench.jobs import cpu_of_tree


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--labels", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "WARNING"
        from learnloop import embedded

        with embedded.Servers(Path(folder)) as servers:
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            print(f"load of this machine before: {os.getloadavg()[0]:.1f}")
            time_recording()
            time_verifying(options.entries)
            time_histories(options.labels)
            time_answers(servers.running["postgres"].pid)


def time_recording(each=200):
    from django.db import connection

    from accounts.security_log import record

    def write(_):
        for number in range(each):
            record("key_issued", key_id=number)
        connection.close()

    for threads in (1, 8):
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(write, range(threads)))
        seconds = time.perf_counter() - began
        print(f"record   {threads} at once: {each * threads / seconds:,.0f} a second")


def time_verifying(entries):
    from accounts import auditing

    anchors = fill(entries)
    began, before, spent = time.perf_counter(), peak(), time.process_time()
    sound = auditing.verify(anchors)
    seconds, spent = time.perf_counter() - began, time.process_time() - spent
    print(
        f"verify   {sound.entries:,} entries, {sound.anchors:,} anchors: {seconds:.1f} s, "
        f"{spent:.1f} of them CPU of this process, "
        f"{sound.entries / seconds:,.0f} a second, {peak() - before:.0f} MB more memory at the peak"
    )


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(entries):
    """Make the log that long, as the database would have."""
    from django.db import connection

    from accounts import auditing

    number, digest = auditing.head()
    anchors = []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER USER")
        cursor.execute("SELECT max(id) FROM accounts_auditentry")
        (start,) = cursor.fetchone()
        columns = "number, id, at, event, by_id, bot_id, request_id, job_id, facts, digest"
        with cursor.copy(f"COPY accounts_auditentry ({columns}) FROM STDIN") as copy:
            for place in range(number + 1, entries + 1):
                row = auditing.Row(
                    *(place, start + place, auditing.EPOCH + timedelta(seconds=place)),
                    *("member_role_changed", place % 50, 1, f"request-{place}", None),
                    *(f'{{"role": "reviewer", "user_id": {place}}}', ""),
                )
                digest = auditing.digest_of(row, before=digest)
                copy.write_row(row._replace(digest=digest))
                if place % 1000 == 0:
                    anchors.append(auditing.Anchor(place, digest, "then"))
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER USER")
        cursor.execute("ANALYZE accounts_auditentry")
    return anchors


def time_histories(labels):
    from django.db import connection, transaction

    from tests.factories import make_bot, make_gold, make_intent, make_item, make_operator

    bot, person = make_bot(), make_operator()
    gold = make_gold(make_item(bot).turn, person, intent=make_intent(bot))
    insert = """
    INSERT INTO annotation_goldlabel (bot_id, turn_id, annotation_id, verdict, intent_id, side,
        policy, guess_shown, by_likeness, created_at, withdrawn_at)
    SELECT bot_id, turn_id, annotation_id, verdict, intent_id, side, policy, guess_shown,
        by_likeness, created_at, now()
    FROM annotation_goldlabel, generate_series(1, %s) WHERE id = %s
    """
    update = "UPDATE annotation_goldlabel SET policy = 'audit' WHERE id > %s"
    for name, state in (("with", "ENABLE"), ("without", "DISABLE")):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE annotation_goldlabel {state} TRIGGER USER")
            began = time.perf_counter()
            cursor.execute(insert, [labels, gold.pk])
            inserted = time.perf_counter() - began
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            began = time.perf_counter()
            cursor.execute(update, [gold.pk])
            updated = time.perf_counter() - began
            transaction.set_rollback(True)
        print(
            f"history  {labels:,} gold labels, {name} triggers: inserted in {inserted:.1f} s, "
            f"changed in {updated:.1f} s"
        )


def time_answers(database, rounds=10, each=40):
    """Answers in turns, so that whatever else the machine does is shared."""
    from contextlib import nullcontext
    from uuid import uuid4

    import pghistory
    from django.db import connection

    from annotation.answering import Answer, answer
    from annotation.holding import take
    from tests.factories import make_bot, make_intent, make_item, make_operator

    bot, person = make_bot(), make_operator("ruth")
    intent = make_intent(bot)
    spent = {"with": 0.0, "without": 0.0}
    for round in range(2 * rounds):
        name = ("with", "without")[round % 2]
        switch_triggers("ENABLE" if name == "with" else "DISABLE")
        items = [make_item(bot, f"text {round} {number}") for number in range(each)]
        for item in items:
            take(item.pk, person, bot=bot)
        before = time.process_time() + cpu_of_tree(database)
        for item in items:
            said = Answer(uuid4(), "intent", intent_id=intent.pk, seconds=2.5)
            who = pghistory.context(by=person.pk, request=str(uuid4()))
            with who if name == "with" else nullcontext():
                answer(item.pk, person, said, bot=bot)
        spent[name] += time.process_time() + cpu_of_tree(database) - before
    switch_triggers("ENABLE")
    connection.close()
    for name, seconds in spent.items():
        print(f"answer   {name} histories: {seconds / rounds / each * 1000:.2f} ms of CPU")


def switch_triggers(state):
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("annotation_annotation", "annotation_goldlabel"):
            cursor.execute(f"ALTER TABLE {table} {state} TRIGGER USER")


if __name__ == "__main__":
    main()
