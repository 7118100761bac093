"""Real processes under the real supervisor, and the ways in which they can be hurt."""

import contextlib
import random
import signal
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import psutil
from django.db import connection, connections
from redis import Redis

from jobs import waking
from jobs.models import Job
from learnloop import embedded
from learnloop.supervisor import Supervisor


class Machine:
    def __init__(self, folder, monkeypatch):
        self._folder = folder / "data"
        self._env = monkeypatch
        self.said = []

    def __enter__(self):
        self._servers = embedded.Servers(self._folder, postgres=False)
        self._servers.__enter__()
        redis_url = embedded.addresses(self._folder).redis
        self._env.setenv("DATABASE_URL", url_of_test_database())
        self._env.setenv("REDIS_URL", redis_url)
        self._env.setenv("LEARNLOOP_DATA", str(self._folder))
        self._env.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
        self.redis = Redis.from_url(redis_url)
        self._env.setattr(waking, "redis", lambda: self.redis)
        self._supervisor = Supervisor(self._servers, log=self._folder / "log", say=self.said.append)
        self._supervisor.start("worker", "worker")
        self._supervisor.start("schedule", "schedule")
        return self

    def __exit__(self, *_):
        self._supervisor.stop()
        self._servers.stop()
        self.redis.close()
        connections.close_all()

    def start(self, name, *command):
        """Run another of the product's processes beside them."""
        self._supervisor.start(name, *command)

    @property
    def folder(self):
        """Where its processes keep their data."""
        return self._folder

    def look_after(self):
        self._supervisor.look_after()

    def until(self, reached: Callable[[], bool], *, within: float) -> bool:
        """Let things run, restarting what dies; whether `reached` came true in time (seconds)."""
        deadline = time.monotonic() + within
        while not reached():
            if time.monotonic() > deadline:
                return False
            self.look_after()
            time.sleep(0.05)
        return True

    def until_all_ended(self, *, within: float) -> bool:
        return self.until(lambda: not Job.objects.live().exists(), within=within)

    def log(self, name: str) -> str:
        file = self._folder / "log" / f"{name}.log"
        return file.read_text() if file.exists() else ""

    # ── who is there ──────────────────────────────────────────────────────────────────

    def parent(self) -> psutil.Process:
        return psutil.Process(self._supervisor.process_id("worker"))

    def workers(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return self.parent().children()
        return []

    def horses(self) -> list[psutil.Process]:
        found = []
        for worker in self.workers():
            with contextlib.suppress(psutil.NoSuchProcess):
                found += worker.children()
        return found

    # ── hurting it ────────────────────────────────────────────────────────────────────

    def hurt(self, rng: random.Random) -> str:
        """Do one random harm, waiting for its victim if there is none right now; its name."""
        harms = [self.kill_horse, self.kill_worker, self.kill_parent, self.kill_queue]
        harm = rng.choice(harms)
        assert self.until(harm, within=30)
        return harm.__name__

    def kill_horse(self) -> bool:
        return kill(self.horses()[:1])

    def kill_worker(self) -> bool:
        return kill(self.workers()[:1])

    def kill_worker_of_horse(self) -> bool:
        """The worker whose horse is at work, and not one that waits."""
        for worker in self.workers():
            with contextlib.suppress(psutil.NoSuchProcess):
                if worker.children():
                    return kill([worker])
        return False

    def kill_parent(self) -> bool:
        return kill([psutil.Process(pid) for pid in self._pid_of_parent()])

    def kill_queue(self) -> bool:
        queue = self._servers.running["valkey"]
        return queue.poll() is None and kill([psutil.Process(queue.pid)])

    def _pid_of_parent(self) -> list[int]:
        pid = self._supervisor.process_id("worker")
        return [pid] if psutil.pid_exists(pid) else []

    def empty_queue(self):
        self.redis.flushall()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop a worker and its horse in their tracks, and let them go on afterwards."""
        worker = next(w for w in self.workers() if w.children())
        stopped = [worker, *worker.children()]
        for process in stopped:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in stopped:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGCONT)


def kill(processes: list[psutil.Process]) -> bool:
    """Whether there was one alive to be killed."""
    hit = False
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            hit = process.status() != psutil.STATUS_ZOMBIE or hit
            process.kill()
    return hit


def url_of_test_database() -> str:
    """The address of the database that pytest-django made, as another process needs it."""
    parts = connection.settings_dict
    who = quote(parts["USER"]) + (f":{quote(parts['PASSWORD'])}" if parts["PASSWORD"] else "")
    port = f":{parts['PORT']}" if parts["PORT"] else ""
    return f"postgresql://{who}@{quote(parts['HOST'], safe='')}{port}/{parts['NAME']}"
