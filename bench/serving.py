"""What an answer costs: predict over HTTP, beside the same version asked in a loop.

    ./loop bench serving FILE [--rows 2000] [--seconds 4] [--encoder use] [--workers 1]

FILE is a gzipped file of JSON lines with `text`, `intent` and `split` (BANKING77). A version is
fitted on so many of its training rows; its test rows are asked about, each once, by 1 and 16
connections, one by one and 64 at once. `bare` is encode and predict_proba in a loop, in a process
of its own, before and after each of the runs; `quick` is that with the tokens of all the texts
remembered, as answers remember those that they met. CPU is that of the web server and of
PostgreSQL, read from the kernel and divided by texts, not of the clients.
"""

import argparse
import gzip
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import psutil

from bench.queue import set_up
from bench.review import Meter, web
from bench.start import CHECKOUT, MIB, name_of

BATCH = 64
MOST_OVER_MS, MOST_RATIO = 1.5, 1.25

BARE = """
import json, sys, time
import numpy as np
from ml import artifacts
from ml.encoders import encoder_called
path, sha256, texts, batch, seconds, way = sys.argv[1:]
texts, batch = json.load(open(texts)), int(batch)
intents = artifacts.read(open(path, "rb"), sha256=sha256).intents
encode = encoder_called(intents.encoder_).encode
if way == "quick":
    encode = encoder_called(intents.encoder_).for_few()
    encode(texts)
intents.predict_proba(texts[:batch], encode(texts[:batch]))
asked, began = 0, time.process_time()
while time.process_time() - began < float(seconds):
    some = texts[asked % len(texts):][:batch]
    intents.predict_proba(some, encode(some))
    asked += len(some)
print(1000 * (time.process_time() - began) / asked)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=Raw)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--encoder", default="use")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":  # before numpy counts the cores
        os.environ["OMP_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "bench.serving", *sys.argv[1:]])
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "WARNING"
        os.environ["LEARNLOOP_PREDICT_RATE"] = "100000"
        os.environ["LEARNLOOP_WEB_WORKERS"] = str(options.workers)
        from learnloop import embedded

        with embedded.Servers(Path(folder)) as servers:
            set_up()
            bench = Bench(Path(folder), options)
            with web() as served:
                bench.measure(served, Meter(servers, served))


Raw = argparse.RawDescriptionHelpFormatter


class Bench:
    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        with gzip.open(options.data, "rt") as lines:
            rows = [json.loads(line) for line in lines]
        train = [row for row in rows if row["split"] == "train"]
        step = max(len(train) // options.rows, 1)
        self.texts = [row["text"] for row in rows if row["split"] == "test"]
        self.version, self.token = deployed(train[::step], options.encoder)
        (folder / "texts.json").write_text(json.dumps(self.texts))
        self.numbers = count()

    def bare(self, batch, way=""):
        """CPU milliseconds of a text, in a process that does nothing else."""
        from learnloop.settings import ARTIFACTS

        path = str(ARTIFACTS / self.version.artifact)
        run = subprocess.run(
            [sys.executable, "-c", BARE, path, self.version.sha256, str(self.folder / "texts.json"),
             str(batch), str(self.options.seconds / 2), way],
            cwd=CHECKOUT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return float(run.stdout)

    def measure(self, served, meter):
        print(f"load of this machine before: {os.getloadavg()[0]:.1f}")
        print_memory(served, "memory before the first question")
        self.run(served.port, meter, connections=4, batch=1, seconds=2)  # warm
        print(
            f"{'connections':>11} {'texts':>5} {'per s':>6} {'p50 ms':>7} {'p95 ms':>7} "
            f"{'p99 ms':>7} {'web':>7} {'database':>8} {'bare':>7} {'over':>6} {'ratio':>6} "
            f"{'quick':>6}"
        )
        for batch in (1, BATCH):
            for connections in (1, 16):
                before = self.bare(batch)
                run = self.run(
                    served.port, meter, connections=connections, batch=batch,
                    seconds=self.options.seconds,
                )  # fmt: skip
                bare = (before + self.bare(batch)) / 2
                print_line(connections, batch, run, bare, quick=self.bare(batch, "quick"))
        print_memory(served, "memory after that")
        print(
            f"to reach, of CPU of the web server: one text at most {MOST_OVER_MS} ms over bare, "
            f"{BATCH} at most {MOST_RATIO} times bare"
        )

    def run(self, port, meter, *, connections, batch, seconds):
        before, began = meter.cpu(), time.perf_counter()
        until = began + seconds
        with ThreadPoolExecutor(connections) as threads:
            clients = [threads.submit(self.ask, port, batch, until) for _ in range(connections)]
            times = sorted(taken for client in clients for taken in client.result())
        took, after = time.perf_counter() - began, meter.cpu()
        texts = len(times) * batch
        web_ms, database = ((b - a) / texts * 1000 for a, b in zip(before, after, strict=True))
        return times, texts / took, web_ms, database

    def ask(self, port, batch, until):
        """Ask until it is time, on one connection; the seconds that each answer took."""
        connection, taken = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        while time.perf_counter() < until:
            body = json.dumps(self.question(batch)).encode()
            began = time.perf_counter()
            connection.request("POST", "/api/v1/predict", body, headers)
            response = connection.getresponse()
            answer = response.read()
            taken.append(time.perf_counter() - began)
            assert response.status == 200, answer
        connection.close()
        return taken

    def question(self, batch):
        at = next(self.numbers) * batch % (len(self.texts) - batch)
        turns = [
            {"conversation_id": f"c-{at // 5}", "text": text, "event_id": f"e-{time.time_ns()}-{n}"}
            for n, text in enumerate(self.texts[at : at + batch])
        ]
        return turns[0] if batch == 1 else {"turns": turns}


def print_line(connections, batch, run, bare, *, quick):
    times, rate, web_ms, database = run
    at = [times[int(len(times) * share)] * 1000 for share in (0.5, 0.95, 0.99)]
    print(
        f"{connections:11} {batch:5} {rate:6.0f} {at[0]:7.1f} {at[1]:7.1f} {at[2]:7.1f} "
        f"{web_ms:7.2f} {database:8.2f} {bare:7.2f} {web_ms - bare:6.2f} {web_ms / bare:6.2f} "
        f"{quick:6.2f}",
        flush=True,
    )


def print_memory(served, when):
    processes = [psutil.Process(served.pid), *psutil.Process(served.pid).children(recursive=True)]
    said = ", ".join(
        f"{name_of(process)} {process.memory_full_info().pss / MIB:.0f}" for process in processes
    )
    print(f"{when}, PSS MiB: {said}")


def deployed(rows, name):
    """A version of these rows that is live, and a key of its bot."""
    import numpy as np
    from django.core.files.base import ContentFile

    from accounts import keys
    from accounts.models import Bot, User
    from ml import artifacts
    from ml.encoders import encoder
    from ml.examples import Examples
    from ml.normalising import normalised
    from ml.pipelines import fit_intents
    from tests.factories import make_model_version
    from tests.serving.live import go_live
    from tests.training.judged import make_report
    from training import artifact_store

    texts, reader = [row["text"] for row in rows], encoder(name)
    examples = Examples(
        texts,
        reader.encode([normalised(text) for text in texts]).astype(np.float16),
        np.array([row["intent"] for row in rows]),
        np.arange(len(rows)),
    )
    fitted = fit_intents(
        examples, budget=1, elapsed=lambda: 1.0, random_state=0, encoder_version=reader.version
    )
    content = artifacts.write(fitted)
    by = User.objects.create_user("bench", is_superuser=True)
    bot = Bot.objects.create(name="Bench bot", slug="bench")
    version = make_model_version(
        bot, encoder=reader.version, sha256=artifacts.digest(content), size=len(content)
    )
    artifact_store.store().save(version.artifact, ContentFile(content))
    make_report(version)
    go_live(version, by=by)
    print(
        f"{len(rows):,} rows, {len(fitted.classes_)} intents, {fitted.candidate_}, "
        f"{len(content) / MIB:.1f} MiB"
    )
    return version, keys.issue(bot, name="bench", scopes=["predict"], by=by).token


if __name__ == "__main__":
    main()
