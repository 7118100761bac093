"""Changing intents of a bot with a million gold labels.

    ./loop bench intents [--labels 1000000] [--intents 2000] [--changed 100000]

Two of the intents have `changed` labels each, the others share the rest. One of the two is merged
into the other, and that is undone; then it is split in halves, the rest is asked again, and that
is undone. Jobs are done in this process, by the handler that workers call. Printed is how long
each step took, by the clock and of the processor, what pages take that a reviewer waits for, and
whether all labels, items and answers were exactly as before.
"""

import argparse
import os
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

AT_ONCE = 200_000  # rows that are made in one go
EXACT = (
    ("annotation_goldlabel", "withdrawn_at IS NULL"),
    ("annotation_reviewitem", "true"),
    ("annotation_annotation", "undone_at IS NULL"),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=Raw)
    parser.add_argument("--labels", type=int, default=1_000_000)
    parser.add_argument("--intents", type=int, default=2_000)
    parser.add_argument("--changed", type=int, default=100_000)
    options = parser.parse_args()
    if "OMP_NUM_THREADS" not in os.environ:  # as in a worker, and before numpy counts the cores
        os.environ["OMP_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "bench.intents", *sys.argv[1:]])
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "ERROR"
        os.environ["LEARNLOOP_HOSTS"] = "localhost,127.0.0.1,testserver"
        from learnloop import embedded

        with embedded.Servers(Path(folder)):
            set_up()
            measure(options)


Raw = argparse.RawDescriptionHelpFormatter


def set_up():
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)


def measure(options):
    from annotation.refactoring import beginning, previewing, restoring, splitting

    bench = Bench(options)
    source, into = bench.intents[:2]
    exact = bench.digest()
    bench.client.get("/intents/")  # routes and templates are read once
    bench.pages("with all labels")

    bench.step("merge: preview", lambda: previewing.of_merge(source, into))
    change = bench.step("merge: what the reviewer waits for",
                        lambda: beginning.merge(source, into, by=bench.reviewer))  # fmt: skip
    bench.step("merge: the job", lambda: bench.work(change))
    bench.step("undo: what the reviewer waits for",
               lambda: restoring.undo(change, by=bench.reviewer))  # fmt: skip
    bench.step("undo: the job", lambda: bench.work(change))
    bench.say("undone exactly", bench.digest() == exact)

    change = splitting.draft(into, "its_half", by=bench.reviewer)
    page = f"/intents/changes/{change.pk}/"
    bench.get("split: the page of a draft", page)
    bench.get("split: searched for a word", f"{page}?q=half")
    bench.step("split: half of them picked by a word",
               lambda: splitting.pick_all(change, words="half"))  # fmt: skip
    bench.get("split: the page with these picks", page)
    bench.step("split: what the reviewer waits for",
               lambda: splitting.split(change, by=bench.reviewer, ask_again=True))  # fmt: skip
    bench.step("split: the job, and the rest asked again", lambda: bench.work(change))
    restoring.undo(change, by=bench.reviewer)
    bench.step("undo: the job", lambda: bench.work(change))
    bench.say("undone exactly", bench.digest() == exact)
    bench.pages("afterwards")


class Bench:
    def __init__(self, options):
        from django.test import Client

        from accounts.roles import Role
        from annotation.models import Intent
        from tests.factories import make_bot, make_member

        self.bot = make_bot()
        self.reviewer = make_member(self.bot, Role.REVIEWER)
        self.client = Client()
        self.client.force_login(self.reviewer)
        self.intents = Intent.objects.bulk_create(
            Intent(bot=self.bot, name=f"intent_{number:04}") for number in range(options.intents)
        )
        began = time.perf_counter()
        self.fill(options)
        print(f"{options.labels:,} labels of {options.intents:,} intents made in "
              f"{time.perf_counter() - began:.0f} s", flush=True)  # fmt: skip

    def fill(self, options):
        import numpy as np

        from tests.training.filling import fill

        for start in range(0, options.labels, AT_ONCE):
            rows = range(start, min(start + AT_ONCE, options.labels))
            keys = [self.intents[self.place(row, options)].pk for row in rows]
            texts = [f"what was said {row} {'half' if row % 2 else 'whole'}" for row in rows]
            vectors = np.zeros((len(texts), 1), np.float16)
            fill(self.bot, self.reviewer, texts, vectors, intents=keys)

    def place(self, row, options):
        if row < 2 * options.changed:
            return row // options.changed
        return 2 + row % (options.intents - 2)

    # ── measuring ─────────────────────────────────────────────────────────────────────

    def step(self, what, function):
        began, busy = time.perf_counter(), self.processor()
        done = function()
        took, busy = time.perf_counter() - began, self.processor() - busy
        self.say(what, f"{took:.2f} s {busy:>8.2f} s CPU")
        return done

    def processor(self):
        """Seconds of this process, and of the one of the database that works for it."""
        import psutil
        from django.db import connection

        connection.ensure_connection()
        theirs = psutil.Process(connection.connection.info.backend_pid).cpu_times()
        return time.process_time() + theirs.user + theirs.system

    def say(self, what, found):
        print(f"{what:<46}{found!s:>22}", flush=True)

    def get(self, what, url):
        response = self.step(what, lambda: self.client.get(url))
        assert response.status_code == 200, response

    def pages(self, when):
        self.get(f"the list of intents, {when}", "/intents/?page=40")
        self.get(f"the list of changes, {when}", "/intents/changes/")

    def work(self, change):
        """Do the job as a worker does, turn by turn."""
        from jobs import work
        from jobs.models import Job

        change.refresh_from_db()
        while Job.objects.live().filter(pk=change.job_id).exists():
            work.run(change.job_id)
        change.refresh_from_db()
        assert change.job.state == "done", change.job.error

    def digest(self):
        """Of all that is current, each row with all its columns."""
        from django.db import connection

        hashes = sha256()
        with connection.cursor() as cursor:
            for table, condition in EXACT:
                cursor.execute(
                    f"SELECT md5(row::text) FROM {table} row "  # noqa: S608  own words
                    f"WHERE {condition} ORDER BY id"
                )
                while rows := cursor.fetchmany(AT_ONCE):
                    hashes.update("".join(row[0] for row in rows).encode())
        return hashes.hexdigest()


if __name__ == "__main__":
    main()
