"""Settings: a bad value stops the start with a sentence, and production refuses to be careless."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from learnloop import checks, env


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("0", r"LEARNLOOP_WEB_THREADS must lie in \[1, 64\], not 0."),
        ("many", "LEARNLOOP_WEB_THREADS must be a number, not many."),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(monkeypatch, value, sentence):
    monkeypatch.setenv("LEARNLOOP_WEB_THREADS", value)

    with pytest.raises(ImproperlyConfigured, match=sentence):
        env.env_int("LEARNLOOP_WEB_THREADS", default=4, at_least=1, at_most=64)


def test_not_a_number_is_refused(monkeypatch):
    monkeypatch.setenv("LEARNLOOP_LOGIN_PAUSE", "nan")

    with pytest.raises(ImproperlyConfigured, match="must lie in"):
        env.env_float("LEARNLOOP_LOGIN_PAUSE", default=15, at_least=0.1, at_most=1440)


def test_yes_is_neither_true_nor_false(monkeypatch):
    monkeypatch.setenv("LEARNLOOP_DEBUG", "yes")

    with pytest.raises(ImproperlyConfigured, match="LEARNLOOP_DEBUG must be true or false"):
        env.env_bool("LEARNLOOP_DEBUG")


def test_an_unset_or_empty_variable_is_its_default(monkeypatch):
    monkeypatch.setenv("LEARNLOOP_WEB_THREADS", " ")

    assert env.env_int("LEARNLOOP_WEB_THREADS", default=4, at_least=1, at_most=64) == 4


GOOD = {
    "LEARNLOOP_SECRET_KEY": "s" * 40,
    "LEARNLOOP_ENCRYPTION_KEYS": "e" * 40,
    "LEARNLOOP_HOSTS": "loop.example.org",
    "DATABASE_URL": "postgresql://a:b@db/learnloop",
    "REDIS_URL": "redis://:word@queue:6379/0",
}


@pytest.fixture
def production(settings, monkeypatch):
    settings.PRODUCTION = True
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["loop.example.org"]
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def said():
    return " ".join(error.msg for error in checks.safe_for_production())


def test_a_careful_production_starts(production):
    assert said() == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEARNLOOP_SECRET_KEY", ""),
        ("LEARNLOOP_SECRET_KEY", "short"),
        ("LEARNLOOP_ENCRYPTION_KEYS", ""),
        ("LEARNLOOP_ENCRYPTION_KEYS", "e" * 40 + ",short"),
        ("REDIS_URL", "redis://queue:6379/0"),
        ("REDIS_URL", ""),
    ],
)
def test_a_careless_production_is_refused_by_name(production, monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    assert said().startswith(name)


def test_open_hosts_and_debug_are_refused(production, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.DEBUG = True

    assert "LEARNLOOP_HOSTS" in said()
    assert "LEARNLOOP_DEBUG" in said()


def test_the_web_command_does_not_start_a_careless_production(tmp_path):
    environment = {**os.environ, "LEARNLOOP_PRODUCTION": "true", "LEARNLOOP_DATA": str(tmp_path)}
    environment.pop("LEARNLOOP_SECRET_KEY", None)

    run = subprocess.run(
        [sys.executable, "manage.py", "web", "--port", "1"],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert run.returncode != 0
    assert "LEARNLOOP_SECRET_KEY must be set" in run.stderr


def start(tmp_path, **variables):
    """What `manage.py up` says with these variables."""
    named = {"LEARNLOOP_DATA": str(tmp_path / "data"), **variables}
    environment = {**os.environ, **named, "DJANGO_SETTINGS_MODULE": "learnloop.settings"}
    run = subprocess.run(
        [sys.executable, "manage.py", "up", "--port", "0"],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode != 0
    assert "Traceback" not in run.stdout + run.stderr
    return run.stdout + run.stderr


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LEARNLOOP_WEB_THREADS", "x", "LEARNLOOP_WEB_THREADS must be a number"),
        ("LEARNLOOP_LOG_LEVEL", "LOUD", "LEARNLOOP_LOG_LEVEL must be one of INFO"),
        ("DATABASE_URL", "foo", "DATABASE_URL must look like postgresql://"),
        ("DATABASE_URL", "mysql://a@b/c", "DATABASE_URL must look like postgresql://"),
        ("DATABASE_URL", "postgresql://a@b:x/c", "DATABASE_URL must look like postgresql://"),
        ("DATABASE_URL", "postgresql://a@127.0.0.1:1/c", "The database of DATABASE_URL does not"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "The queue of REDIS_URL does not answer"),
        ("REDIS_URL", "nonsense", "The queue of REDIS_URL does not answer"),
        ("LEARNLOOP_PRODUCTION", "true", "LEARNLOOP_SECRET_KEY must be set"),
        ("LEARNLOOP_DATA", "/proc/x", "/proc/x cannot be used"),
        ("LEARNLOOP_DATA", "/dev/null/x", "/dev/null/x cannot be used"),
    ],
)
def test_a_start_that_cannot_be_says_so_in_a_sentence(tmp_path, variable, value, said):
    assert said in start(tmp_path, **{variable: value})


@pytest.mark.parametrize("content", ["", "short"])
def test_a_secret_that_was_cut_short_is_never_used(tmp_path, content):
    (tmp_path / "encryption_key").write_text(content)

    with pytest.raises(ImproperlyConfigured, match="is empty or cut short. Put it back"):
        env.kept_secret(tmp_path, "encryption_key")


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    made = env.kept_secret(tmp_path / "new", "secret_key")

    assert env.kept_secret(tmp_path / "new", "secret_key") == made
    assert len(made) >= 64
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "secret_key"]
