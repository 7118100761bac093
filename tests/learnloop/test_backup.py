"""A backup, and an install made of it: everything is there, and answers the same."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import auditing
from learnloop.backup import contents
from tests.drills.machine import url_of_test_database
from tests.factories import make_bot, make_intent, make_member
from tests.training.learning import labelled, run_of

HOUSE = Path(__file__).resolve().parents[2]
# What a version answers to 100 texts, to the last bit, and the state of the audit log.
ASK = """
import django, json
django.setup()
from accounts import auditing
from ml.encoders import encoder
from training import artifact_store
from training.models import ModelVersion
texts = [f"{words} {number}" for number in range(25) for words in
         ("where is my card", "i want my money back", "a loan please", "what is the weather")]
said = {}
for version in ModelVersion.objects.order_by("pk"):
    vectors = encoder("use").encode(texts)
    intents, sure = artifact_store.read(version).intents.top_k(texts, vectors)
    said[version.number] = [intents.tolist(), sure.astype(float).tolist()]
print(json.dumps([said, auditing.verify().digest]))
"""


@pytest.fixture
def trained(transactional_db, settings, tmp_path):
    """An install of its own, with a bot that has a version and what was done to it."""
    settings.DATA = tmp_path / "data"
    settings.DATASETS = settings.DATA / "datasets.git"
    settings.MEDIA_ROOT = settings.DATA / "files"
    artifacts = settings.STORAGES["artifacts"]
    artifacts = artifacts | {"OPTIONS": {"location": settings.DATA / "artifacts"}}
    settings.STORAGES = settings.STORAGES | {"artifacts": artifacts}
    tombstone = settings.MEDIA_ROOT / "tombstones" / "one.json"
    tombstone.parent.mkdir(parents=True)
    tombstone.write_text("{}")
    for name in ("secret_key", "encryption_key"):
        (settings.DATA / name).write_text(f"{name} of the first install, long enough for anybody")
    bot = make_bot("Bank")
    annotator = make_member(bot)
    labelled(bot, annotator, [make_intent(bot, name) for name in ("card_lost", "refund", "loan")])
    run_of(bot, by=annotator, seed=7)
    auditing.enter("tried", by=annotator, bot_id=bot.pk, facts={"number": 1})
    return settings.DATA


@pytest.fixture
def elsewhere(tmp_path):
    """The environment of another install: an empty database and an empty folder."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    old = f"/{connection.settings_dict['NAME']}"
    yield {
        **os.environ,
        "DATABASE_URL": url_of_test_database().removesuffix(old) + f"/{name}",
        "LEARNLOOP_DATA": str(tmp_path / "elsewhere"),
    }
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def restored(environment, *words):
    command = [sys.executable, str(HOUSE / "manage.py"), "restore", *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def answers(environment):
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=HOUSE, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def damaged(source, target, *, of):
    """The same backup, with one byte of a member turned over."""
    with tarfile.open(source) as tar:
        at = tar.getmember(of).offset_data + 40
    content = bytearray(source.read_bytes())
    content[at] ^= 1
    target.write_bytes(content)
    return target


@pytest.mark.slow
def test_a_restored_install_has_the_same_rows_and_answers_the_same(trained, elsewhere, tmp_path):
    here = {
        **os.environ,
        "DATABASE_URL": url_of_test_database(),
        "LEARNLOOP_DATA": str(trained),
    }
    backup = tmp_path / "one.tar"
    call_command("backup", str(backup), verbosity=0)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("one.tar*")} == {0o600}

    done = restored(elsewhere, backup, "--keys", f"{backup}.keys")

    assert done.returncode == 0, done.stderr
    before, after = answers(here), answers(elsewhere)
    assert before == after
    assert len(before[0]["1"][0]) == 100
    folder = Path(elsewhere["LEARNLOOP_DATA"])
    for name in ("secret_key", "encryption_key", "files/tombstones/one.json"):
        assert (folder / name).read_text() == (trained / name).read_text()
    heads = [
        subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", each / "datasets.git", "show-ref", "--tags"],
            capture_output=True, check=True,
        ).stdout
        for each in (trained, folder)
    ]  # fmt: skip
    assert heads[0]
    assert heads[0] == heads[1]

    again = restored(elsewhere, backup)

    assert again.returncode == 1
    assert "The database is not empty." in again.stderr


@pytest.mark.slow
def test_a_backup_that_is_damaged_changes_nothing(trained, elsewhere, tmp_path):
    backup = tmp_path / "one.tar"
    call_command("backup", str(backup), verbosity=0)
    with tarfile.open(backup) as tar:
        artifact = next(name for name in tar.getnames() if name.startswith("artifacts/"))
    cut = tmp_path / "cut.tar"
    cut.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    for source, sentence in (
        (damaged(backup, tmp_path / "a.tar", of=artifact), "is damaged. Nothing was changed."),
        (damaged(backup, tmp_path / "b.tar", of=contents.DATABASE), "is damaged."),
        (cut, "Nothing was changed."),
        (tmp_path / "none.tar", "cannot be read as a backup. Nothing was changed."),
    ):
        done = restored(elsewhere, source)

        assert done.returncode == 1
        assert sentence in done.stderr
    done = restored(elsewhere, backup, "--keys", f"{backup}.keys")
    assert done.returncode == 0, done.stderr


def test_a_backup_is_not_written_over(db, tmp_path):
    backup = tmp_path / "one.tar"
    backup.write_text("mine")

    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(backup))

    assert backup.read_text() == "mine"
    assert [path.name for path in tmp_path.glob("one*")] == ["one.tar"]
