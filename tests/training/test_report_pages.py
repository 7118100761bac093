"""/models/<n>/ with a report, what is taken along, golden cases."""

import json
import re
import time
from pathlib import Path

import pytest
from django.template.loader import get_template

from annotation.models import ReviewItem
from tests.factories import make_conversation, make_gold, make_item, make_turn
from tests.roles import logged_in
from tests.training.judged import make_full_report, make_report, make_version
from tests.training.saying import label
from tests.training.version_pages import page_of, text_of
from training import exporting, golden
from training.canonical import digest
from training.models import GoldenCase, JudgedTurn

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


def test_the_file_carries_the_styles_of_every_page():
    template = Path(get_template("components/_styles.html").origin.name).read_text()

    assert re.findall(r"{% static '(.+?)' %}", template) == list(exporting.OF_EVERY_PAGE)
