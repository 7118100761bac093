"""/models/<n>/: deciding by a report, and taking a decision back."""

from django.utils import timezone

from tests.training.judged import make_full_report, make_report, make_version
from tests.training.version_pages import page_of, text_of
from training import deciding, deploying
from training.models import Decision, Deployment


def decide(client, version, verdict="promote", **fields):
    report = deciding.newest_report(version)
    said = {
        "verdict": verdict, "reason": "It is better.", "report_sha256": report.sha256,
        "artifact_sha256": version.sha256,
    }  # fmt: skip
    return client.post(f"/models/{version.pk}/decide/", said | fields)


def test_an_admin_promotes_with_a_reason(as_admin, first, bot):
    make_full_report(first, harmed=False)

    response = decide(as_admin, first)

    assert response.status_code == 302
    assert deploying.champion_of(bot) == first
    assert "It is better." in page_of(as_admin, first)
    assert "Live" in text_of(as_admin.get("/models/"))


def test_an_admin_rejects_with_a_reason(as_admin, version, live, bot):
    decide(as_admin, version, "reject", reason="One critical intent is harmed.")

    assert deploying.champion_of(bot) == live
    assert "One critical intent is harmed." in page_of(as_admin, version)


def test_without_a_reason_nothing_is_decided(as_admin, version):
    response = decide(as_admin, version, reason=" ")

    assert response.status_code == 422
    assert "Say in a sentence why you decide so." in text_of(response)
    assert not version.decisions.exists()


def test_what_blocks_is_not_promoted_without_a_reason_of_its_own(as_admin, version, bot):
    refused = decide(as_admin, version)
    assert refused.status_code == 409
    assert "Something blocks this version" in text_of(refused)
    assert "It is better." in text_of(refused)  # what was typed is kept

    decide(as_admin, version, override_reason="The intent is gone from the bot.")

    assert deploying.champion_of(bot) == version
    card = page_of(as_admin, version)
    assert "Overridden: The intent is gone from the bot." in card


def test_a_report_that_changed_meanwhile_is_refused_with_a_sentence(as_admin, version, live):
    before = version.reports.get()
    make_report(version, champion=live, found=before.found | {"left_out": 4})

    response = decide(as_admin, version, report_sha256=before.sha256)

    assert response.status_code == 409
    page = text_of(response)
    assert "The report changed since you opened this page." in page
    assert not version.decisions.exists()
    # Who read the new one below decides by it, with what they had typed.
    newest = deciding.newest_report(version)
    assert newest.sha256 in page and before.sha256 not in page and "It is better." in page


def test_an_artifact_that_changed_is_refused_with_a_sentence(as_admin, first, artifacts_folder):
    make_full_report(first, harmed=False)
    (artifacts_folder / first.artifact).write_bytes(b"swapped")

    response = decide(as_admin, first)

    assert response.status_code == 409
    assert "The artifact is not the one that was judged" in text_of(response)
    assert not Deployment.objects.exists()


def test_engineers_read_and_do_not_decide(as_engineer, version):
    assert decide(as_engineer, version).status_code == 403
    assert "Admins of this bot decide." in page_of(as_engineer, version)


def test_four_eyes_refuse_who_trained_it(bot, admin, as_admin):
    assert as_admin.post("/settings/decisions/", {"four_eyes": "on"}).status_code == 302
    own = make_version(bot, started_by=admin)
    make_full_report(own, harmed=False)

    response = decide(as_admin, own)

    assert response.status_code == 409
    assert "asks for four eyes: somebody else has to promote it" in text_of(response)
    assert not Decision.objects.exists()
    assert 'value="promote"' not in page_of(as_admin, own)


def test_no_key_decides(as_bot, version):
    """There is no way to decide but the form, and it takes a person."""
    response = decide(as_bot, version)

    assert response.status_code == 302 and response["Location"].startswith("/login/")
    assert not version.decisions.exists()


def test_one_click_rolls_back(as_admin, version, live, bot):
    decide(as_admin, version, override_reason="Try it.")
    deployed = deploying.live(bot)
    assert "Roll back to version 1" in text_of(as_admin.get("/models/"))

    as_admin.post("/models/roll-back/", {"deployment": deployed.pk})

    assert deploying.champion_of(bot) == live
    assert "Rolled back by hand." in page_of(as_admin, version)
    again = as_admin.post("/models/roll-back/", {"deployment": deployed.pk}, follow=True)
    assert "Somebody was faster" in text_of(again)
    assert deploying.champion_of(bot) == live


def test_a_reason_that_is_too_long_takes_nothing_back(as_admin, version, live, bot):
    decide(as_admin, version, override_reason="Try it.")
    posted = {"deployment": deploying.live(bot).pk, "reason": "a" * 20_000}

    response = as_admin.post("/models/roll-back/", posted, follow=True)

    assert "characters. Nothing was taken back." in text_of(response)
    assert deploying.champion_of(bot) == version


def test_rolling_back_from_the_first_says_that_there_is_nothing(as_admin, live, bot):
    posted = {"deployment": deploying.live(bot).pk}

    response = as_admin.post("/models/roll-back/", posted, follow=True)

    assert "There is no version to go back to." in text_of(response)


def test_the_verdict_says_each_thing_once_and_where_more_rows_come_from(as_engineer, live, bot):
    version = make_version(bot, content=b"few rows")
    report = make_full_report(version, champion=live, harmed=False, rows=40)

    page = page_of(as_engineer, version)

    (block,) = (one for one in report.found["verdict"]["blocks"] if one["row"] == "accuracy")
    verdict = page.split("On the test")[0]
    assert verdict.count(block["sentence"].split(" So far")[0]) == 1
    assert "lane=audit" in verdict and "Answer turns of the audit" in verdict


def test_judging_again_is_asked_for_once(as_engineer, version):
    from jobs.models import Job

    for _ in range(2):
        as_engineer.post(f"/models/{version.pk}/judge/")

    assert Job.objects.filter(kind="evaluate").count() == 1
    card = text_of(as_engineer.get(f"/models/{version.pk}/judging/"))
    assert "Judging" in card and 'hx-trigger="every 2s"' in card
    Job.objects.update(state="done", ended_at=timezone.now())
    card = text_of(as_engineer.get(f"/models/{version.pk}/judging/"))
    assert "The new report is there." in card and "hx-trigger" not in card
    assert "The new report is there." not in text_of(as_engineer.get(f"/models/{version.pk}/"))
