"""/models/<n>/ with a report, deciding, what is taken along, golden cases."""

import json
import re
import time

import pytest
from django.utils import timezone

from annotation.models import ReviewItem
from tests.factories import make_conversation, make_gold, make_item, make_turn
from tests.roles import logged_in
from tests.training.judged import make_full_report, make_report, make_version
from tests.training.saying import label
from tests.training.test_run_pages import text_of
from training import deciding, deploying, golden
from training.canonical import digest
from training.deciding import Seen
from training.models import Decision, Deployment, GoldenCase, JudgedTurn


@pytest.fixture
def first(bot, engineer):
    return make_version(bot, started_by=engineer)


@pytest.fixture
def live(first, admin):
    """A version that is live."""
    report = make_report(first)
    seen = Seen(report.sha256, first.sha256)
    deciding.promote(first, by=admin, seen=seen, reason="The first one.")
    return first


@pytest.fixture
def turns(bot):
    talk = make_conversation(bot, turns=["where is my card", "and my money"])
    return list(talk.turns.all())


@pytest.fixture
def version(bot, live, turns, engineer):
    version = make_version(bot, started_by=engineer, content=b"candidate")
    make_full_report(version, champion=live, turns=turns)
    return version


def page_of(client, version, query=""):
    return text_of(client.get(f"/models/{version.pk}/{query}"))


# ── what it says ──────────────────────────────────────────────────────────────────────


def test_the_first_line_is_the_verdict_in_words(as_engineer, version):
    page = page_of(as_engineer, version)

    headline = version.reports.get().headline
    assert headline.startswith("Worse: Accuracy fell from 92.5 % to 85.3 %")
    assert headline in page and "Blocked" in page
    assert "Beside version 1, which was live" in page and "neither learned" in page


def test_what_was_planted_is_named(as_engineer, version):
    page = page_of(as_engineer, version)

    for said in (
        "The critical intent intent_0 is recognised in",
        "90 labels of 2,000 look plainly wrong",
        "The annotator ana gave 40.0 % of the training rows",
        "The source user 1f2e3d4c gave 25.0 % of the rows of intent_1",
        "20.0 % of ana&#x27;s labels differ",
        "intent_3 grew out of step",
        "The live version knows intent_0",
    ):
        assert said in page, said


def test_every_part_is_there(as_engineer, version):
    page = page_of(as_engineer, version)

    for title in (
        "On the test", "Each intent", "Parts of the traffic", "Golden cases", "Who taught it",
        "Forgetting and cost", "Labels that look wrong", "Corrected turns that are fixed",
        "Model card", "Is it as sure as it is right?", "How much may it answer alone?",
        "What do more labels bring?", "What is taken for what", "Recall of each intent",
    ):  # fmt: skip
        assert title in page, title
    assert "The next point of accuracy takes about" in page
    assert "0.21 ms of CPU" in page


def test_each_plot_has_its_table(as_engineer, version):
    page = page_of(as_engineer, version)

    assert page.count('<figure class="chart"') == page.count("<summary>The numbers</summary>") == 5
    assert "nan" not in re.findall(r'(?:points|cx|cy|x|y)="([^"]*)"', page)


def test_a_first_version_is_shown_by_itself(bot, as_engineer, first):
    make_full_report(first)

    page = page_of(as_engineer, first)

    assert "By itself: nothing was live" in page
    assert "Live recall" not in page


def test_without_a_report_the_page_says_what_to_do(as_engineer, first):
    assert "Not judged yet." in page_of(as_engineer, first)


def test_intents_come_in_pages_and_in_another_order(as_engineer, bot, live):
    version = make_version(bot, content=b"wide")
    make_full_report(version, champion=live, intents=60, rows=3000)

    second = page_of(as_engineer, version, "?page=2&sort=name")

    assert "26–50 of 60" in second
    assert page_of(as_engineer, version, "?sort=name").count("?intent=intent_") == 25


def test_an_older_report_can_be_read_again(as_engineer, version, live):
    older = version.reports.get()
    make_report(version, champion=live, found=older.found, headline="A newer one.")

    assert "A newer one." in page_of(as_engineer, version)
    assert older.headline in page_of(as_engineer, version, f"?report={older.pk}")
    assert as_engineer.get(f"/models/{version.pk}/?report=999999").status_code == 404


def test_the_page_takes_few_queries_and_little_time(
    as_admin, bot, live, turns, django_assert_max_num_queries
):
    version = make_version(bot, content=b"wide")
    make_full_report(version, champion=live, intents=200, rows=50_000, turns=turns * 5)
    page_of(as_admin, version)

    with django_assert_max_num_queries(20):
        as_admin.get(f"/models/{version.pk}/")
    took = []
    for _ in range(5):
        began = time.process_time()
        as_admin.get(f"/models/{version.pk}/")
        took.append(time.process_time() - began)
    assert min(took) < 0.15


def test_turns_of_an_intent_open_from_its_row(as_engineer, version):
    report = version.reports.get()

    page = text_of(as_engineer.get(f"/models/reports/{report.pk}/turns/?intent=intent_0"))

    assert "where is my card" in page and "intent_1" in page
    other = text_of(as_engineer.get(f"/models/reports/{report.pk}/turns/?intent=intent_7"))
    assert "No such turns" in other


def test_turns_of_a_report_take_few_queries(as_engineer, version, django_assert_max_num_queries):
    report = version.reports.get()
    with django_assert_max_num_queries(8):
        as_engineer.get(f"/models/reports/{report.pk}/turns/?kind=suspect")


def test_what_is_erased_is_gone_from_reports_and_cases(bot, admin, annotator, version, turns):
    from ingest.leaving import delete_conversations

    talk = make_conversation(bot, turns=["erase me please"])
    turn = talk.turns.get()
    make_gold(turn, annotator)
    golden.keep_turn(bot, turn.pk, by=admin)
    JudgedTurn.objects.update(turn=turn)

    delete_conversations(bot, [talk.pk])

    assert not GoldenCase.objects.exists() and not JudgedTurn.objects.exists()


# ── taking it along ───────────────────────────────────────────────────────────────────


def test_json_holds_the_content_and_its_hash(as_engineer, version):
    report = version.reports.get()

    response = as_engineer.get(f"/models/reports/{report.pk}/report.json")

    said = json.loads(response.content)
    assert said["sha256"] == report.sha256 == digest(report.content)
    assert said["content"] == report.found
    assert "attachment" in response["Content-Disposition"]


def test_html_needs_nothing_else(as_engineer, version):
    report = version.reports.get()

    page = text_of(as_engineer.get(f"/models/reports/{report.pk}/report.html"))

    assert report.headline in page and page.count("<svg") > 5
    assert not re.findall(r'(?:src|href|action)="|url\((?!"?data:)|@import|<script', page)
    assert "where is my card" not in page


# ── deciding ──────────────────────────────────────────────────────────────────────────


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


# ── labels that look wrong ────────────────────────────────────────────────────────────


def test_a_suspected_label_is_queued_for_a_reviewer(
    as_engineer, as_reviewer, bot, annotator, lost, version
):
    gold = label(bot, annotator, "a doubtful one", lost)

    as_engineer.post(f"/models/turns/{gold.turn_id}/read-again/")

    item = ReviewItem.objects.get(turn=gold.turn)
    assert (item.status, item.lane, item.ended_at) == ("open", "reviewer", None)
    assert "looks wrong" in item.reasons[0]
    gold.refresh_from_db()
    assert gold.withdrawn_at is None


def test_a_label_by_likeness_gets_an_item_of_its_own(as_engineer, bot, annotator, lost):
    item = make_item(bot, "where is it", alike=["where is it now"], status="done",
                     ended_at="2026-05-09T14:02Z")  # fmt: skip
    beside = item.alike.get().turn

    as_engineer.post(f"/models/turns/{beside.pk}/read-again/")

    assert ReviewItem.objects.get(turn=beside).lane == "reviewer"
    item.refresh_from_db()
    assert item.alike_count == 0 and not item.alike.exists()


def test_what_waits_already_is_not_queued_twice(as_engineer, bot):
    item = make_item(bot)

    response = as_engineer.post(f"/models/turns/{item.turn_id}/read-again/", follow=True)

    assert "It waits for somebody already" in text_of(response)


# ── golden cases ──────────────────────────────────────────────────────────────────────


def test_one_click_makes_a_case_of_a_turn(as_reviewer, bot, annotator, lost):
    gold = label(bot, annotator, "i lost my card at sea", lost)

    for said in ("Kept as a golden case.", "A case of this turn is in use already."):
        page = as_reviewer.post(f"/models/golden/turns/{gold.turn_id}/", follow=True)
        assert said in text_of(page)

    case = GoldenCase.objects.get()
    assert (case.kind, case.texts, case.intent) == ("exact", ["i lost my card at sea"], lost)


def test_a_labelled_turn_of_a_conversation_is_kept_and_one_comes_back(
    as_reviewer, as_annotator, bot, annotator, lost
):
    gold = label(bot, annotator, "i lost my card at sea", lost)
    make_turn(gold.turn.conversation, "and nobody labelled this")
    address = f"/conversations/{gold.turn.conversation_id}/?bot={bot.slug}"

    before = text_of(as_reviewer.get(address))
    kept = as_reviewer.post(
        f"/models/golden/turns/{gold.turn_id}/", {"next": address, "bot": bot.slug}, follow=True
    )

    assert before.count("Keep as a golden case") == 1
    assert kept.redirect_chain == [(address, 302)]
    assert "Kept as a golden case." in text_of(kept) and "A golden case</a>" in text_of(kept)
    assert "Keep as a golden case" not in text_of(kept)
    assert "golden case" not in text_of(as_annotator.get(address))


def test_a_turn_without_a_label_is_no_case(as_reviewer, turns):
    page = as_reviewer.post(f"/models/golden/turns/{turns[0].pk}/", follow=True)

    assert "Label it first." in text_of(page)
    assert not GoldenCase.objects.exists()


def test_a_case_is_written_and_archived(as_reviewer, bot, lost):
    written = {
        "kind": "direction", "texts": "my card\nmy lost card", "intent": lost.pk, "rises": "up",
        "must_pass": "on", "why": "Incident in May",
    }  # fmt: skip

    as_reviewer.post("/models/golden/new/", written)

    case = GoldenCase.objects.get()
    assert (case.texts, case.rises, case.must_pass) == (["my card", "my lost card"], True, True)
    assert "Incident in May" in text_of(as_reviewer.get("/models/golden/"))
    as_reviewer.post(f"/models/golden/{case.pk}/archive/")
    assert "No case here" in text_of(as_reviewer.get("/models/golden/"))
    assert "Incident in May" in text_of(as_reviewer.get("/models/golden/?state=archived"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "invariance", "texts": "only one"}, "It takes a second text"),
        ({"kind": "direction", "texts": "a\nb"}, "Choose the intent whose certainty moves"),
        ({"kind": "exact", "texts": "\n".join("x" * 25)}, "At most 20 texts"),
        ({"kind": "exact", "texts": ""}, "This field is required"),
        ({"kind": "exact", "texts": "weather"}, "Choose what is expected"),
        ({"kind": "exact", "texts": "weather", "intent": "99999"}, "is not one of the available"),
    ],
)
def test_a_case_that_asks_nothing_is_refused(as_reviewer, bot, typed, said):
    response = as_reviewer.post("/models/golden/new/", typed)

    assert response.status_code == 422
    assert said in text_of(response)


def test_out_of_scope_is_expected_only_where_somebody_says_so(as_reviewer, bot):
    typed = {"kind": "exact", "texts": "will it rain", "intent": "outside"}

    as_reviewer.post("/models/golden/new/", typed)

    assert GoldenCase.objects.get().intent is None


@pytest.mark.parametrize("cases", [1, 20])
def test_the_list_of_cases_takes_few_queries(
    as_reviewer, bot, admin, cases, django_assert_max_num_queries
):
    for number in range(cases):
        golden.keep(bot, by=admin, kind="exact", texts=[f"text {number}"])

    with django_assert_max_num_queries(7):
        as_reviewer.get("/models/golden/")


def test_another_bots_report_is_not_found(as_other_admin, version):
    report = version.reports.get()
    for path in ("turns/", "report.json", "report.html"):
        assert as_other_admin.get(f"/models/reports/{report.pk}/{path}").status_code == 404


def test_annotators_do_not_read_reports(annotator, version):
    assert logged_in(annotator).get(f"/models/{version.pk}/").status_code == 403
