"""What storing vectors costs beside making them, and what the memory-mapped copy costs.

    ./loop bench embed FILE.jsonl.gz [FILE.jsonl.gz …] [--texts 10000] [--vectors 100000]

Files hold one JSON object a line: with `text`, or with `turns` that have `role` and `text`.
CPU is that of this process and of PostgreSQL together, read from the kernel.
"""

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

BATCH = 10_000
MIB = 1024 * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--vectors", type=int, default=100_000)
    options = parser.parse_args()
    # Must be set before numpy counts the cores.
    if os.environ.get("OMP_NUM_THREADS") != "1":
        os.environ["OMP_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "bench.embed", *sys.argv[1:]])
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "WARNING"
        from learnloop import embedded

        with embedded.Servers(Path(folder)) as servers:
            set_up()
            measure_embedding(servers, list(texts_in(options.files)), options.texts)
            measure_comparing(servers, options.files)
            measure_copy(servers, Path(folder), options.vectors)


def set_up():
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)


def texts_in(files):
    for file in files:
        with gzip.open(file, "rt") as lines:
            for row in map(json.loads, lines):
                if "text" in row:
                    yield row["text"]
                yield from (t["text"] for t in row.get("turns", ()) if t["role"] == "user")


def distinct(texts):
    from ml.normalising import normalised

    return sorted(set(map(normalised, texts)) - {""})


def make_bot(slug, texts):
    from accounts.models import Bot
    from ingest.identities import text_id
    from ingest.models import Text

    bot, salt = Bot.objects.create(name=slug, slug=slug), slug.encode()
    rows = (Text(id=text_id(text, salt=salt), bot=bot, text=text) for text in texts)
    Text.objects.bulk_create(rows, batch_size=BATCH)
    return bot


# ── vectors ───────────────────────────────────────────────────────────────────────────


def measure_embedding(servers, texts, count):
    from ingest.embedding import BATCH as SIZE
    from ingest.embedding import embed_waiting
    from ml.encoders import encoder

    texts = distinct(texts)
    texts = texts[:: max(1, len(texts) // count)][:count]
    bare, stored = [], []
    encoder("use").encode(["load it"])
    for turn in range(3):
        bot = make_bot(f"embed-{turn}", texts)
        with Measured(servers) as took:
            for at in range(0, len(texts), SIZE):
                encoder("use").encode(texts[at : at + SIZE])
        bare.append(len(texts) / took.cpu)
        with Measured(servers) as took:
            embed_waiting(bot)
        stored.append(len(texts) / took.cpu)

    print(f"{len(texts)} texts, batches of {SIZE}, three turns")
    print(f"bare encoder      {show(bare)} texts per CPU s")
    print(f"embed_waiting     {show(stored)} texts per CPU s, database included")
    ratios = [share / whole for share, whole in zip(stored, bare, strict=True)]
    print(f"ratio             {min(ratios):8.3f} … {max(ratios):.3f}\n")


def show(rates):
    return f"{min(rates):8.0f} … {max(rates):.0f}"


# ── near-duplicates ───────────────────────────────────────────────────────────────────


def measure_comparing(servers, files):
    from django.db.models import Count

    from ingest.comparing import compare_waiting
    from ingest.models import Text

    print(f"{'near-duplicates':36} {'texts':>7} {'CPU s':>6} {'groups':>7} {'in them':>8} largest")
    for file in files:
        texts = distinct(texts_in([file]))
        bot = make_bot(file.name.split(".")[0].replace("_", "-"), texts)
        with Measured(servers) as took:
            compare_waiting(bot)
        grouped = Text.objects.filter(bot=bot, alike__isnull=False)
        sizes = sorted(grouped.values("alike").annotate(n=Count("id")).values_list("n", flat=True))
        largest = sizes[-1] if sizes else 0
        print(
            f"{file.name:36} {len(texts):7} {took.cpu:6.1f} {len(sizes):7} {sum(sizes):8} "
            f"{largest} ({largest / len(texts):.2%})"
        )
    print()


# ── the copy ──────────────────────────────────────────────────────────────────────────


def measure_copy(servers, folder, count):
    from ingest.embedding import encoder_of
    from ingest.vector_copy import open_copy

    bot = make_bot("copy", (f"text {n}" for n in range(count)))
    give_vectors(bot)
    encoder = encoder_of(bot)
    print(f"copy of {count} vectors")
    with Measured(servers) as took:
        opened = open_copy(bot, encoder)
    print(f"build             {took.seconds:8.3f} s, {took.cpu:.3f} CPU s")
    with Measured(servers) as took:
        again = open_copy(bot, encoder)
    print(f"open again        {took.seconds * 1000:8.2f} ms")
    with Measured(servers) as took:
        np.asarray(again.vectors, dtype=np.float32) @ np.ones(encoder.dimensions, np.float32)
    print(f"read it once      {took.seconds:8.3f} s")
    disk = sum(path.stat().st_size for path in (folder / "vectors").rglob("*") if path.is_file())
    print(f"on disk           {disk / MIB:8.1f} MiB, {disk / len(opened.ids):.0f} bytes a vector")


def give_vectors(bot):
    from ingest.embedding import _store, encoder_of
    from ingest.models import Text

    encoder, random = encoder_of(bot), np.random.default_rng(0)
    ids = list(Text.objects.filter(bot=bot).values_list("id", flat=True))
    from django.db import transaction

    for at in range(0, len(ids), BATCH):
        some = ids[at : at + BATCH]
        vectors = random.normal(size=(len(some), encoder.dimensions)).astype(np.float32)
        with transaction.atomic():
            _store(bot, ids=some, vectors=vectors, version=encoder.version)


# ── measuring ─────────────────────────────────────────────────────────────────────────


class Measured:
    """Seconds, and CPU of this process and the database, of a block."""

    def __init__(self, servers):
        self.pids = [os.getpid(), *(process.pid for process in servers.running.values())]

    def __enter__(self):
        self.began, self.before = time.perf_counter(), self.so_far()
        return self

    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self.began
        self.cpu = self.so_far() - self.before

    def so_far(self):
        import psutil

        found = {}
        for pid in self.pids:
            for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
                found[process.pid] = sum(process.cpu_times()[:4])
        return sum(found.values())


if __name__ == "__main__":
    main()
