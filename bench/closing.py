"""The loop closed once with real texts: events in, answers through the forms, trained twice.

    ./loop bench closing FILE [--answers 600] [--events 10003] [--keep FOLDER]

FILE holds BANKING77 as JSON lines of `text`, `intent`, `split`, gzipped. Its training texts are
sent as signed events. Then one annotator is handed out turns and answers each by the file,
through the same address and form as a browser without JavaScript; half way and at the end an
engineer starts a training. Printed is what the product says of itself, and beside it how many of
the file's test texts, which it never saw, the model version answers right. With --keep the install
stays in an empty FOLDER, to be looked at: ./loop up --no-sample --data FOLDER. (It is not called
--data here, which ./loop itself takes for the folder of any command.)
"""

import argparse
import gzip
import json
import os
import re
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from uuid import uuid4

BATCH = 500  # events
AT_ONCE = 25  # answers between two looks at what waits
ITEM = re.compile(r'action="(/review/items/(\d+)/answer/[^"]*)"')
SUBMISSION = re.compile(r'name="submission"\s+value="([^"]+)"')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=Raw)
    parser.add_argument("file", type=Path)
    parser.add_argument("--answers", type=int, default=600)
    parser.add_argument("--events", type=int, default=10_003)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if "OMP_NUM_THREADS" not in os.environ:  # as in a worker, and before numpy counts the cores
        os.environ["OMP_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "bench.closing", *sys.argv[1:]])
    keep = nullcontext(str(options.keep.resolve())) if options.keep else None
    with keep or tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "ERROR"
        os.environ["LEARNLOOP_HOSTS"] = "localhost,127.0.0.1,testserver"
        from learnloop import embedded

        with embedded.Servers(Path(folder)):
            set_up()
            close_the_loop(options)


Raw = argparse.RawDescriptionHelpFormatter


def set_up():
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)


def close_the_loop(options):
    with gzip.open(options.file, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    train = [row for row in rows if row["split"] == "train"][: options.events]
    test = [row for row in rows if row["split"] == "test"]
    cast = Cast(train)
    began = time.perf_counter()
    send_events(cast, train)
    print(f"{len(train):,} events sent in {time.perf_counter() - began:.0f} s", flush=True)
    work_off(cast)
    print(f"signals, vectors and queue after {time.perf_counter() - began:.0f} s", flush=True)
    done = 0
    for half in (options.answers // 2, options.answers):
        while done < half:
            done += answer(cast, min(AT_ONCE, half - done))
            work_off(cast)
        report(cast, train_once(cast), test, done)


class Cast:
    """The bot, and who works on it, each with a browser of their own."""

    def __init__(self, rows):
        from accounts.roles import Role
        from tests.factories import make_bot, make_intent, make_member, make_secret
        from tests.roles import logged_in

        self.bot = make_bot("Bank bot", "bank-bot")
        self.ana = make_member(self.bot, Role.ANNOTATOR, username="ana")
        self.ellen = make_member(self.bot, Role.ENGINEER, username="ellen")
        self.secret = make_secret(self.bot, by=self.ellen)
        self.annotator, self.engineer = logged_in(self.ana), logged_in(self.ellen)
        names = sorted({row["intent"] for row in rows})
        self.intents = {name: make_intent(self.bot, name).pk for name in names}
        self.meant = {row["text"]: row["intent"] for row in rows}


def send_events(cast, rows):
    from django.test import Client

    from tests.ingest.sending import send

    for at in range(0, len(rows), BATCH):
        events = [
            {"conversation_id": f"c-{at + n}", "user_input": row["text"],
             "bot_response": "Let me look that up."}
            for n, row in enumerate(rows[at : at + BATCH])
        ]  # fmt: skip
        sent = send(Client(), {"events": events}, secret=cast.secret, bot=cast.bot.slug)
        assert sent.status_code == 202, sent.content


def work_off(cast):
    """Do as worker and schedule do, until nothing is due."""
    from django.utils import timezone

    from jobs import requesting, work
    from jobs.models import Job

    requesting.request("watch_queue", key="closing")
    while job := Job.objects.due(at=timezone.now()).order_by("id").first():
        work.Delivery.token = uuid4()
        work.run(job.pk)
    failed = Job.objects.filter(state=Job.State.FAILED).first()
    assert failed is None, failed.error


def answer(cast, number):
    """Answer turns through the form, each with the label that the file has for its text."""
    from annotation.models import ReviewItem

    cast.annotator.post("/review/take/")
    for _ in range(number):
        page = cast.annotator.get("/review/next/").content.decode()
        action, submission = ITEM.search(page), SUBMISSION.search(page)
        item = ReviewItem.objects.select_related("turn").get(pk=action[2])
        said = {
            "submission": submission[1],
            "choice": f"i:{cast.intents[cast.meant[item.turn.text]]}",
            "seconds": "4",
        }
        saved = cast.annotator.post(action[1].replace("&amp;", "&"), said)
        assert saved.status_code == 302, saved.content.decode()
    return number


def train_once(cast):
    from training.models import TrainingRun

    cast.engineer.post("/training/start/")
    work_off(cast)
    run = TrainingRun.objects.of(cast.bot).newest_first().select_related("job").first()
    assert run.job.state == "done", (run.job.state, run.job.error)
    return run.model_version


def report(cast, version, test, answers):
    from collections import Counter

    from annotation.models import GoldLabel, ReviewItem
    from ml.encoders import encoder
    from ml.evaluating import accuracy
    from training import artifact_store
    from training.models import QueueDraw

    intents = artifact_store.read(version).intents
    texts = [row["text"] for row in test]
    answered = intents.predict(texts, encoder("use").encode(texts))
    judged = version.reports.newest_first().first()
    run, drawn = version.run, QueueDraw.objects.get(bot=cast.bot)
    policies = Counter(GoldLabel.objects.of(cast.bot).values_list("policy", flat=True))
    waiting = Counter(ReviewItem.objects.of(cast.bot).open().values_list("policy", flat=True))
    figures = version.figures
    print(f"\nafter {answers} answers: {version}, {len(intents.classes_)} intents")
    print(f"  learned from        {figures['rows']}, by {figures['candidate']}")
    print(f"  chosen by           {dict(policies)}")
    print(f"  held out            {rounded(version.held_out)}")
    print(f"  audit side          {rounded(version.audit) or 'no labelled turn'}")
    found = accuracy([row["intent"] for row in test], answered)
    print(
        f"  the file's test     {found:.3f} of {len(test):,} right (reference: never in the loop)"
    )
    print(f"  seconds             {run.seconds}")
    print(f"  queue               {drawn.picked} of {drawn.pool:,} picked in {drawn.seconds:.1f} s")
    print(f"  waiting             {dict(waiting)}")
    print(f"  verdict             {judged.headline if judged else 'not judged'}", flush=True)


def rounded(figures):
    return {name: round(value, 3) for name, value in figures.items() if value is not None}


if __name__ == "__main__":
    main()
