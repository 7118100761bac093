"""PostgreSQL and Valkey for an install that has neither."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from jobs import leash
from learnloop import embedded
from learnloop.embedded.identities import valkey_binary
from learnloop.embedded.servers import answers, takes_commands

pytestmark = pytest.mark.skipif(
    "LEARNLOOP_POSTGRES_BIN" in os.environ, reason="the embedded servers are not this install's"
)
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root has to give up root")


@pytest.fixture
def data(tmp_path):
    yield tmp_path / "data"
    shutil.rmtree(embedded.root_folder(tmp_path / "data"), ignore_errors=True)


def works(data):
    where = embedded.addresses(data)
    with psycopg.connect(where.database) as connection:
        (fsync,) = connection.execute("SHOW fsync").fetchone()
        (commit,) = connection.execute("SHOW synchronous_commit").fetchone()
    with Redis.from_url(where.redis) as redis:
        append_only = redis.config_get("appendonly")["appendonly"]
    return (fsync, commit, append_only) == ("on", "on", "yes")


def gone(pid, *, within):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rsplit(")")[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_both_servers_run_and_write_to_disk_what_they_acknowledge(data):
    with embedded.Servers(data):
        assert works(data)
        assert embedded.running(data)

    assert not embedded.running(data)


def test_what_was_stored_is_there_after_the_next_start(data):
    with embedded.Servers(data), psycopg.connect(embedded.addresses(data).database) as connection:
        connection.execute("CREATE TABLE kept (word text)")

    with embedded.Servers(data), psycopg.connect(embedded.addresses(data).database) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_valkey_is_not_ready_while_it_reads_what_it_kept(data):
    where = embedded.addresses(data)
    with embedded.Servers(data, postgres=False), Redis.from_url(where.redis) as redis:
        for number in range(2000):
            redis.set(f"kept {number}", number)
    path = embedded.socket_folder(data) / "valkey.sock"
    command = [
        *(str(valkey_binary()), "--port", "0", "--unixsocket", str(path)),
        *("--dir", str(data / "valkey"), "--appendonly", "yes"),
        *("--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024"),
    ]
    slow, seen, deadline = subprocess.Popen(command), set(), time.monotonic() + 20

    while True not in seen and time.monotonic() < deadline:
        if answers(path):
            seen.add(takes_commands(path))
    slow.terminate()
    slow.wait()

    assert seen == {False, True}


def test_two_installs_run_side_by_side(tmp_path):
    with embedded.Servers(tmp_path / "a"), embedded.Servers(tmp_path / "b"):
        assert works(tmp_path / "a")
        assert works(tmp_path / "b")


def test_one_folder_is_not_started_twice(data):
    with (
        embedded.Servers(data, postgres=False),
        pytest.raises(embedded.Refused, match="learnloop already runs on .* another --data"),
        embedded.Servers(data, postgres=False),
    ):
        pass


def test_a_server_that_ended_is_started_again(data):
    with embedded.Servers(data, postgres=False) as servers:
        servers.running["valkey"].kill()
        servers.running["valkey"].wait()

        assert servers.revive() == ["valkey"]
        assert servers.revive() == []


def test_a_database_that_waits_for_its_clients_to_go_is_started_again(data):
    address = embedded.addresses(data).database
    with embedded.Servers(data, valkey=False) as servers:
        client = psycopg.connect(address)
        os.kill(postmaster(data), signal.SIGTERM)

        deadline = time.monotonic() + 10
        while not (started := servers.revive()) and time.monotonic() < deadline:
            time.sleep(0.05)

        assert started == ["postgres"]
        psycopg.connect(address).close()
        assert servers.revive() == []
        client.close()


def postmaster(data):
    lock = (embedded.socket_folder(data) / ".s.PGSQL.5432.lock").read_text()
    return int(lock.splitlines()[0])


def test_the_folder_of_another_postgresql_is_left_alone(data):
    with embedded.Servers(data, valkey=False):
        pass
    version = embedded.identity(data).folder / "postgres" / "PG_VERSION"
    version.write_text("14\n")

    with (
        pytest.raises(embedded.Refused, match="belongs to PostgreSQL 14 .* Nothing was changed"),
        embedded.Servers(data, valkey=False),
    ):
        pass


def test_a_folder_of_something_else_is_left_alone(data):
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "diary.txt").write_text("dear diary")

    with (
        pytest.raises(embedded.Refused, match="not a PostgreSQL data folder"),
        embedded.Servers(data, valkey=False),
    ):
        pass

    assert (data / "postgres" / "diary.txt").read_text() == "dear diary"


def test_a_first_start_that_was_killed_half_way_is_made_anew(data):
    (data / "postgres.unfinished").mkdir(parents=True)
    (data / "postgres.unfinished" / "PG_VERSION").write_text("18\n")

    with embedded.Servers(data):
        assert works(data)


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path):
    (tmp_path / "file").touch()

    with (
        pytest.raises(embedded.Refused, match="cannot be used"),
        embedded.Servers(tmp_path / "file" / "data"),
    ):
        pass


def test_missing_binaries_name_the_variable_to_set(data, monkeypatch, tmp_path):
    monkeypatch.setenv("LEARNLOOP_POSTGRES_BIN", str(tmp_path))

    with (
        pytest.raises(embedded.Refused, match="Point LEARNLOOP_POSTGRES_BIN at"),
        embedded.Servers(data, valkey=False),
    ):
        pass


def test_a_long_folder_name_gets_short_sockets(tmp_path):
    data = tmp_path / ("long" * 25)

    with embedded.Servers(data):
        assert works(data)
    assert len(str(embedded.socket_folder(data))) < 60


def test_a_stale_process_number_does_not_stop_the_start(data):
    with embedded.Servers(data, valkey=False):
        pass
    stale = embedded.identity(data).folder / "postgres" / "postmaster.pid"
    with subprocess.Popen(["/bin/sleep", "60"]) as other:
        stale.write_text(f"{other.pid}\n")

        with embedded.Servers(data):
            assert works(data)
        other.kill()


@as_root
def test_root_gives_way_to_nobody_where_namespaces_are_refused(data, monkeypatch):
    """The second way: binaries copied, data under /var/lib, an unprivileged account."""
    monkeypatch.setattr(embedded.identities, "root_way", lambda: "nobody")

    with embedded.Servers(data) as servers:
        assert works(data)
        owner = Path(f"/proc/{servers.running['postgres'].pid}").stat().st_uid
        assert owner == embedded.NOBODY
        assert str(embedded.socket_folder(data)).startswith("/var/lib/learnloop/")


@as_root
def test_a_way_of_root_that_changes_does_not_make_an_install_look_empty(data, monkeypatch):
    monkeypatch.setattr(embedded.identities, "root_way", lambda: "nobody")
    with embedded.Servers(data), psycopg.connect(embedded.addresses(data).database) as connection:
        connection.execute("CREATE TABLE kept (word text)")
    monkeypatch.setattr(embedded.identities, "root_way", lambda: "namespace")
    moved = data.rename(data.with_name("moved"))

    with (
        embedded.Servers(moved),
        psycopg.connect(embedded.addresses(moved).database) as connection,
    ):
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_database_that_is_gone_is_asked_for_and_not_made_anew(data):
    with embedded.Servers(data, valkey=False):
        pass
    shutil.rmtree(embedded.identity(data).folder / "postgres")

    with (
        pytest.raises(embedded.Refused, match="and is not. Put it back from a backup"),
        embedded.Servers(data, valkey=False),
    ):
        pass


def test_why_a_server_did_not_start_is_told_from_its_newest_words(data, monkeypatch):
    (data / "log").mkdir(parents=True)
    (data / "log" / "valkey.log").write_text("an old story\n")
    monkeypatch.setenv("LEARNLOOP_VALKEY_BIN", "/bin/true")

    with (
        pytest.raises(embedded.Refused, match="it left no message"),
        embedded.Servers(data, postgres=False),
    ):
        pass


@as_root
def test_root_is_told_of_the_variable_where_no_way_is_left(data, monkeypatch):
    monkeypatch.setattr(embedded.identities, "root_way", lambda: "refused")

    with pytest.raises(embedded.Refused, match="or set DATABASE_URL"):
        embedded.start_postgres(data)


@pytest.mark.parametrize("options", [[], *([["--user-namespace"]] if os.getuid() == 0 else [])])
def test_whoever_is_on_the_leash_ends_with_its_parent(options):
    parent = subprocess.Popen(
        [
            *(sys.executable, "-c", LEASHED_SLEEP, leash.__file__, *options),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())
    command = Path(f"/proc/{child}/cmdline")
    deadline = time.monotonic() + 20
    while not command.read_bytes().startswith(b"/bin/sleep") and time.monotonic() < deadline:
        time.sleep(0.02)  # it is on the leash once it is what it was started for

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert gone(child, within=3)


LEASHED_SLEEP = """
import subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-I", "-S", sys.argv[1], "--signal", "KILL", *sys.argv[2:],
     "--", "/bin/sleep", "60"])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_leash_that_comes_too_late_still_holds():
    child = subprocess.run(
        [
            *(sys.executable, "-I", "-S", leash.__file__, "--signal", "KILL"),
            *("--parent", "1", "--", "/bin/sleep", "60"),
        ],
        check=False,
        timeout=10,
    )

    assert child.returncode == -signal.SIGKILL
