"""/settings/webhooks/test/ and the lines that it gives to copy"""

import os
import shutil
import subprocess
import sys

import pytest

from ingest import trying
from ingest.models import Conversation, Turn
from tests.factories import make_secret

BASH = [shutil.which(name) for name in ("bash", "curl", "openssl")]


def run(command, *, secret):
    return subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "LEARNLOOP_SECRET": secret},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.skipif(None in BASH, reason="bash, curl or openssl is missing")
@pytest.mark.django_db(transaction=True)
def test_the_lines_for_curl_send_an_event(live_server, bot, admin):
    secret = make_secret(bot, by=admin)
    lines = trying.curl(f"{live_server.url}/api/v1/events?bot={bot.slug}")

    said = run(["bash", "-c", lines], secret=secret.text)

    assert '"status": "accepted"' in said.stdout, said.stderr
    assert Turn.objects.get().text == trying.SAID


@pytest.mark.django_db(transaction=True)
def test_the_lines_for_python_send_an_event(live_server, bot, admin):
    secret = make_secret(bot, by=admin)
    lines = trying.python(f"{live_server.url}/api/v1/events?bot={bot.slug}")

    said = run([sys.executable, "-c", lines], secret=secret.text)

    assert said.stdout.startswith("202 "), said.stderr
    assert Turn.objects.get().response == trying.ANSWERED


@pytest.mark.skipif(None in BASH, reason="bash, curl or openssl is missing")
@pytest.mark.django_db(transaction=True)
def test_another_secret_is_refused(live_server, bot, admin):
    lines = trying.curl(f"{live_server.url}/api/v1/events?bot={bot.slug}")

    said = run(["bash", "-c", lines], secret=make_secret(bot, by=admin).text[:-6] + "AAAAA=")

    assert "bad_signature" in said.stdout
    assert not Turn.objects.exists()


def test_the_page_names_the_address_of_the_bot(as_admin, bot):
    page = as_admin.get("/settings/webhooks/test/").content.decode()

    assert f"http://testserver/api/v1/events?bot={bot.slug}" in page
    assert "There is no webhook secret yet." in page


def test_with_a_secret_nothing_is_missing(as_admin, secret):
    page = as_admin.get("/settings/webhooks/test/").content.decode()

    assert "There is no webhook secret yet." not in page


def test_the_button_takes_in_an_event_and_leads_to_its_conversation(as_admin, bot):
    response = as_admin.post("/settings/webhooks/test/", {"bot": bot.slug}, follow=True)

    conversation = Conversation.objects.get()
    assert conversation.bot == bot
    assert conversation.name.startswith("test-20")
    assert response.request["PATH_INFO"] == f"/conversations/{conversation.pk}/"
    assert trying.SAID in response.content.decode()


def test_each_press_brings_another_event(as_admin, bot):
    for _ in range(2):
        as_admin.post("/settings/webhooks/test/")

    assert Turn.objects.count() == 2


def test_the_page_of_secrets_leads_here(as_admin, bot):
    assert "/settings/webhooks/test/" in as_admin.get("/settings/webhooks/").content.decode()


def test_an_engineer_may_not_send_one(as_engineer, bot):
    assert as_engineer.post("/settings/webhooks/test/").status_code == 403
    assert not Turn.objects.exists()
