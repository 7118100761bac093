"""What reading a file of events in costs, and what the conversations page costs afterwards.

    ./loop bench import_events [--events 100000] [--kept DIR]

With --kept the data stay in DIR, and the next time only the page is measured.

CPU is that of the importer and of PostgreSQL, read from the kernel. Memory is the importer's
largest resident set. Signals are found before the page is asked for, as workers would.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.jobs import cpu_of_tree

CHECKOUT = Path(__file__).resolve().parent.parent
MIB = 1024 * 1024
TURNS = 5
DISTINCT = 0.4  # of the texts
DAYS = 90
ASKED = 30  # times for each page
RARE = "zyzzyva"  # said by five conversations
MOST_STATEMENTS, MOST_CPU_MS, MOST_MIB = 12, 60, 400


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--kept", type=Path)
    options = parser.parse_args()
    with nullcontext(options.kept) if options.kept else a_folder() as folder:
        os.environ["LEARNLOOP_DATA"] = str(folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "WARNING"
        from learnloop import embedded

        file = Path(folder) / "events.jsonl"
        with embedded.Servers(Path(folder)) as servers:
            if set_up():
                write_events(file, options.events)
                print_import(servers, file)
                print_sizes()
                print_signals(servers)
            print_pages(servers)


def a_folder():
    return tempfile.TemporaryDirectory(prefix="learnloop-bench-")


def set_up():
    """Whether there is anything to set up: not in a folder that was kept."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)
    from accounts.models import Bot
    from tests.factories import make_bot, make_operator

    if Bot.objects.exists():
        return False
    make_bot("Bench bot", "bench")
    make_operator()
    return True


# ── the file ──────────────────────────────────────────────────────────────────────────


def write_events(file, count):
    """Conversations of five turns with what else happens in some, until `count` events."""
    rng = random.Random(7)
    words = [made_up_word(rng) for _ in range(4000)]
    weights = [1 / (rank + 5) for rank in range(len(words))]
    pool = [" ".join(rng.choices(words, weights, k=rng.randint(2, 14))) for _ in range(20_000)]
    pool = pool[: max(50, int(count * 0.02))]
    began, written = datetime.now(UTC) - timedelta(days=DAYS), 0
    conversations = max(1, int(count / (TURNS + 1)))
    rare = set(rng.sample(range(conversations), min(5, conversations)))
    with file.open("w") as lines:
        number = 0
        while written < count:
            at = began + timedelta(days=DAYS * rng.random() * 0.99)
            said = text_maker(rng, words, weights, pool, is_rare=number in rare)
            for event in conversation(rng, number, at, said)[: count - written]:
                lines.write(json.dumps(event) + "\n")
                written += 1
            number += 1
    print(f"{written:,} events in {number:,} conversations, {file.stat().st_size / MIB:.0f} MiB")


def made_up_word(rng):
    return "".join(
        rng.choice("bcdfglmnprst") + rng.choice("aeiou") for _ in range(rng.randint(1, 4))
    )


def text_maker(rng, words, weights, pool, *, is_rare):
    """Some texts are new, and the rest were said before."""

    def said():
        if rng.random() < DISTINCT:
            new = " ".join(rng.choices(words, weights, k=rng.randint(3, 16)))
            return f"{new} {RARE}" if is_rare else new
        return rng.choice(pool)

    return said


def conversation(rng, number, at, said):
    name = f"c-{number:07d}"
    events = [turn(rng, name, place, at, said()) for place in range(TURNS)]
    end = {"conversation_id": name, "timestamp": stamp(at, TURNS)}
    if rng.random() < 0.25:
        feedback = {"rating": rng.randint(1, 5)} if rng.random() < 0.5 else {"thumb": "down"}
        events.append(end | {"event_id": f"{name}-f", "kind": "feedback", "feedback": feedback})
    if rng.random() < 0.05:
        events.append(end | {"event_id": f"{name}-e", "kind": "escalation"})
    if rng.random() < 0.7:
        events.append(end | {"event_id": f"{name}-c", "kind": "closed"})
    return events


def turn(rng, name, place, at, text):
    confidence = round(rng.betavariate(6, 2), 3)
    intents = [f"intent_{rng.randrange(60)}" for _ in range(3)]
    return {
        "event_id": f"{name}-{place}",
        "conversation_id": name,
        "timestamp": stamp(at, place),
        "user_input": text,
        "bot_response": f"This is answer {rng.randrange(400)} of the bot. Can I help with more?",
        "intent_detected": intents[0],
        "confidence": confidence,
        "alternatives": [
            {"intent": intent, "confidence": round((1 - confidence) / 2, 3)}
            for intent in intents[1:]
        ],
        "latency_ms": rng.randint(80, 2500),
        "model_version": "m-12",
        "channel": rng.choice(["web", "app", "phone"]),
        "language": rng.choice(["en", "es"]),
        "user_id": f"user-{rng.randrange(50_000)}",
    }


def stamp(at, minute):
    return (at + timedelta(minutes=minute)).isoformat(timespec="seconds")


# ── reading it in ─────────────────────────────────────────────────────────────────────


def print_import(servers, file):
    from learnloop.settings import DATABASE_URL, REDIS_URL

    events = sum(1 for _ in file.open())
    command = [sys.executable, "manage.py", "import_events", str(file), "--bot", "bench"]
    environment = os.environ | {"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL}
    database, began = cpu_of(servers), time.perf_counter()
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    seconds, database = time.perf_counter() - began, cpu_of(servers) - database
    if status:
        sys.exit("the import failed")
    own = used.ru_utime + used.ru_stime
    print(f"\nevents per second          {events / seconds:10,.0f}   ({seconds:.1f} s)")
    print(f"CPU per event, importer    {own / events * 1000:10.3f} ms")
    print(f"CPU per event, PostgreSQL  {database / events * 1000:10.3f} ms")
    print(f"CPU per event, together    {(own + database) / events * 1000:10.3f} ms")
    print(f"peak memory, importer      {used.ru_maxrss / 1024:10.1f} MiB, at most {MOST_MIB}")


def cpu_of(servers):
    return cpu_of_tree(servers.running["postgres"].pid)


def print_sizes():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid), pg_indexes_size(oid), reltuples::bigint "
            "FROM pg_class WHERE relkind = 'r' AND relname LIKE 'ingest_%' ORDER BY 2 DESC"
        )
        found = [row for row in cursor.fetchall() if row[3] > 0]
        cursor.execute("SELECT pg_database_size(current_database())")
        (whole,) = cursor.fetchone()
    print(f"\n{'table':26} {'rows':>10} {'MiB':>8} {'of that indexes':>16}")
    for name, size, indexes, rows in found:
        print(f"{name:26} {rows:10,} {size / MIB:8.1f} {indexes / MIB:16.1f}")
    print(f"{'the database':26} {'':10} {whole / MIB:8.1f}")


def print_signals(servers):
    from accounts.models import Bot
    from ingest.models import Conversation
    from ingest.signalling import find_signals

    database, own, began = cpu_of(servers), time.process_time(), time.perf_counter()
    find_signals(Bot.objects.get(slug="bench"))
    seconds = time.perf_counter() - began
    cpu = cpu_of(servers) - database + time.process_time() - own
    count = Conversation.objects.count()
    print(
        f"\nsignals of {count:,} conversations  {seconds:10.1f} s, "
        f"{cpu / count * 1000:.2f} CPU ms each"
    )
    print_sizes()


# ── the page ──────────────────────────────────────────────────────────────────────────


def print_pages(servers):
    from django.test import Client
    from django.urls import NoReverseMatch, reverse

    from accounts.models import User

    try:
        address = reverse("ingest:conversations")
    except NoReverseMatch:
        print("\nThere is no conversations page yet.")
        return
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get())
    common, fairly = common_words()
    print(f"\n{address}, each asked {ASKED} times; milliseconds of CPU, and of the clock")
    names = ("web", "database", "together", "clock")
    print(f"{'':34} statements", *(f"{each:>9}" for each in names), "rows")
    for query in (
        "",
        "?signal=low_confidence",
        "?signal=escalation",
        "?outcome=escalated&channel=web",
        "?intent=intent_7&below=0.5",
        f"?q={common}",
        f"?q={common}+{fairly}",
        f"?q={fairly}&signal=thumbs_down",
        f"?q={RARE}",
        "?q=nobodysaidthis",
    ):
        print_page(servers, client, address, query)
    print(f"at most {MOST_STATEMENTS} statements and {MOST_CPU_MS} CPU ms")


def common_words():
    """The word that most conversations have, and one that about one in fifty has."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, ndoc FROM ts_stat('SELECT words FROM ingest_searchentry "
            "TABLESAMPLE BERNOULLI (20)') WHERE word ~ '^[a-z]+$' ORDER BY ndoc DESC"
        )
        found = cursor.fetchall()
    common, most = found[0]
    return common, next((word for word, count in found if count <= most / 50), found[-1][0])


def print_page(servers, client, address, query):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        response = client.get(address + query)
    statements = len(captured)
    if response.status_code != 200:
        print(f"{query:40} answered {response.status_code}")
        return
    rows = len(set(re.findall(r'href="[^"]*/conversations/([0-9a-f-]{36})/', response.text)))
    database, own, began = cpu_of(servers), time.process_time(), time.perf_counter()
    for _ in range(ASKED):
        client.get(address + query)
    seconds = time.perf_counter() - began
    own, database = time.process_time() - own, cpu_of(servers) - database
    figures = [each / ASKED * 1000 for each in (own, database, own + database, seconds)]
    print(f"{query or '(all)':34} {statements:10}", *(f"{each:9.1f}" for each in figures), rows)


if __name__ == "__main__":
    main()
