"""What the audit log costs: verifying a long one, writing to it, and histories of bulk writes.

    ./loop bench audit [--entries 1000000] [--labels 100000]

`verify` reads a log of that many entries with an anchor for every thousandth. `record` is one act
in a transaction of its own, by one and by 8 at once. `history` inserts that many gold labels with
one statement, with the triggers and without.
"""

import argparse
import os
import resource
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path


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

        with embedded.Servers(Path(folder)):
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            print(f"load of this machine before: {os.getloadavg()[0]:.1f}")
            time_recording()
            time_verifying(options.entries)
            time_histories(options.labels)


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
    began, before = time.perf_counter(), peak()
    sound = auditing.verify(anchors)
    seconds = time.perf_counter() - began
    print(
        f"verify   {sound.entries:,} entries, {sound.anchors:,} anchors: {seconds:.1f} s, "
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


if __name__ == "__main__":
    main()
