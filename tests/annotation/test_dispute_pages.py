"""/review/disagreements/, /review/corrected/ and /review/labels/ over HTTP."""

import json
from uuid import uuid4

import pytest

from annotation import adjudicating
from annotation.holding import take, take_next
from annotation.models import Annotation, Correction, Dispute, GoldLabel, ReviewItem, SentBack
from tests.annotation.giving import Verdict, give, send
from tests.factories import make_entity_type, make_intent, make_item, make_member
from tests.roles import logged_in

HTMX = {"hx-request": "true"}
LIST = "/review/disagreements/"


@pytest.fixture
def stolen(bot):
    return make_intent(bot, "card_stolen", guideline="Somebody **took** it.")


@pytest.fixture
def ines(bot):
    """A second reviewer."""
    return make_member(bot, "reviewer", username="ines")


def differ(bot, ana, ben, *, text="my wallet is gone", **both):
    made = make_item(bot, text, answers_wanted=2)
    give(made, ana, intent=both["one"], seconds=4, note="she lost it")
    give(made, ben, intent=both["other"], seconds=61, better_answer="Blocked.")
    return made


@pytest.fixture
def item(bot, annotator, ben, reviewer, lost, stolen):
    return differ(bot, annotator, ben, one=lost, other=stolen)


def words(response):
    return " ".join(response.content.decode().split())


def answer_of(item, user):
    return Annotation.objects.opinions().get(item=item, annotator=user)


def decide(client, item, decision, *, htmx=False, query="", **fields):
    form = {
        "submission": str(uuid4()),
        "seen": adjudicating.seen(item.pk),
        "decision": decision,
    }
    headers = HTMX if htmx else {}
    url = f"{LIST}{item.pk}/decide/{query}"
    return client.post(url, form | fields, headers=headers)


# ── the list ──────────────────────────────────────────────────────────────────────────


def test_the_list_shows_who_said_what_and_why_it_is_there(as_reviewer, item):
    page = words(as_reviewer.get(LIST))

    for said in (
        "my wallet is gone",
        "ana",
        "card_lost",
        "ben",
        "card_stolen",
        "Different answers",
    ):
        assert said in page


def test_an_empty_list_says_what_comes_there(as_reviewer, bot):
    assert "Nobody disagrees" in words(as_reviewer.get(LIST))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=differ", True),
        ("kind=unsure", False),
        ("kind=sent_back", False),
        ("kind=settled", False),
        ("intent={lost}", True),
        ("intent={other}", False),
        ("person={ana}", True),
        ("person={rafa}", False),
        ("kind=differ&intent={lost}&person={ana}", True),
    ],
)
def test_it_is_filtered_by_its_address(
    as_reviewer, bot, item, annotator, reviewer, lost, query, found
):
    other = make_intent(bot).pk
    named = query.format(lost=lost.pk, other=other, ana=annotator.pk, rafa=reviewer.pk)

    page = words(as_reviewer.get(f"{LIST}?{named}"))

    assert ("my wallet is gone" in page) == found
    assert ("No disagreement is like that" in page) != found


def test_what_makes_no_sense_is_left_out_and_told(as_reviewer, item):
    page = words(as_reviewer.get(f"{LIST}?intent=x&kind=odd&person=-1"))

    assert "Not all that you asked for" in page
    assert "my wallet is gone" in page


def test_each_kind_is_counted(as_reviewer, bot, item, annotator):
    give(make_item(bot), annotator, verdict=Verdict.UNSURE)

    tabs = as_reviewer.get(LIST).context["tabs"]

    numbers = {tab.kind: tab.number for tab in tabs}
    assert (numbers[""], numbers["differ"], numbers["unsure"], numbers["marks"]) == (2, 1, 1, 0)


def test_a_list_takes_the_same_statements_however_long_it_is(
    as_reviewer, bot, item, annotator, ben, lost, stolen, django_assert_num_queries
):
    # Session, person with bots; how many, the page, the filters, the tabs; answers, marks.
    with django_assert_num_queries(8):
        as_reviewer.get(LIST)
    for _ in range(3):
        differ(bot, annotator, ben, one=lost, other=stolen)

    with django_assert_num_queries(8):
        assert len(as_reviewer.get(LIST).context["rows"]) == 4


# ── one of them ───────────────────────────────────────────────────────────────────────


def test_the_answers_stand_side_by_side_with_all_that_is_known_of_them(as_reviewer, item):
    page = words(as_reviewer.get(f"{LIST}{item.pk}/"))

    for said in ("she lost it", "Blocked.", "took 4 s", "took 61 s", "guess shown"):
        assert said in page
    assert "Somebody <strong>took</strong> it." in page  # the guideline
    assert "second opinion" in page


def test_a_page_takes_the_same_statements_whatever_was_said(
    as_reviewer, item, bot, annotator, reviewer, stolen, django_assert_num_queries
):
    with django_assert_num_queries(17):
        as_reviewer.get(f"{LIST}{item.pk}/")
    for _ in range(2):
        adjudicating.send_back(
            item.pk,
            reviewer,
            bot=bot,
            note="Look again.",
            submission=uuid4(),
            shown=adjudicating.seen(item.pk),
        )
        give(item, annotator, intent=stolen)
        ReviewItem.objects.filter(pk=item.pk).update(lane="reviewer")
        Dispute.objects.update(sent_back=False)

    with django_assert_num_queries(17):
        as_reviewer.get(f"{LIST}{item.pk}/")


def test_accepting_leads_to_the_next_of_the_filters(
    as_reviewer, bot, item, annotator, ben, lost, stolen
):
    other = differ(bot, annotator, ben, one=lost, other=stolen)
    decision = f"a:{answer_of(item, ben).pk}"

    response = decide(as_reviewer, item, decision, query="?kind=differ")

    assert response["Location"] == f"{LIST}{other.pk}/?kind=differ"
    assert GoldLabel.objects.get().intent == stolen
    assert "card_stolen is the gold label" in words(as_reviewer.get(response["Location"]))


def test_the_last_one_leads_to_the_list(as_reviewer, item, ben):
    response = decide(as_reviewer, item, f"a:{answer_of(item, ben).pk}", htmx=True)

    assert response["HX-Redirect"] == LIST


def test_a_reviewer_answers_in_their_own_words(as_reviewer, bot, item):
    thing = make_entity_type(bot, "thing")
    mark = {"type": thing.pk, "start": 3, "end": 9, "text": "wallet"}

    decide(as_reviewer, item, "own", choice="n:wallet_gone", spans=json.dumps([mark]))

    gold = GoldLabel.objects.get()
    assert (gold.intent.name, gold.annotation.spans.get().text) == ("wallet_gone", "wallet")


def test_what_is_sent_back_has_its_note_on_top_for_those_who_answered(
    as_reviewer, as_annotator, annotator, bot, item, reviewer
):
    decide(as_reviewer, item, "back", note="Read the guideline again.")

    card = words(as_annotator.post("/review/take/", headers=HTMX))

    assert "rafa</bdi> sent it back to you" in card
    assert "Read the guideline again." in card
    assert "card_lost" in card  # what ana had said
    assert "Blocked." not in card  # what ben had said


@pytest.mark.parametrize(
    ("decision", "fields", "sentence"),
    [
        ("", {}, "Choose one of the ways to settle it first"),
        ("a:x", {}, "Choose one of the ways to settle it first"),
        ("own", {}, "Choose an intent first"),
        ("own", {"choice": "v:skip"}, "Choose an intent first"),
        ("back", {}, "Say in a note"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_what_cannot_be_used_is_refused_in_words(
    as_reviewer, item, decision, fields, sentence, htmx
):
    response = decide(as_reviewer, item, decision, htmx=htmx, better_answer="kept words", **fields)

    assert response.status_code == 422
    assert sentence in words(response)
    assert htmx or "kept words" in words(response)
    assert not GoldLabel.objects.exists()


@pytest.mark.parametrize("htmx", [True, False])
def test_who_comes_second_reads_why_and_loses_nothing(
    as_reviewer, ines, item, annotator, ben, htmx
):
    seen = adjudicating.seen(item.pk)
    decide(logged_in(ines), item, f"a:{answer_of(item, ben).pk}", seen=seen)

    ana = f"a:{answer_of(item, annotator).pk}"
    response = decide(as_reviewer, item, ana, htmx=htmx, seen=seen, note="my long note")

    assert response.status_code == 409
    assert "somebody settled this meanwhile" in words(response)
    assert htmx or "my long note" in words(response)
    assert GoldLabel.objects.count() == 1


def test_whoever_has_it_on_the_screen_is_named(as_reviewer, ines, bot, item, ben):
    take_next(ines, bot=bot)

    response = decide(as_reviewer, item, f"a:{answer_of(item, ben).pk}", htmx=True)

    assert response.status_code == 409
    assert "ines has this turn on the screen" in words(response)


def test_the_answer_of_another_dispute_is_not_accepted(
    as_reviewer, bot, item, annotator, ben, lost, stolen
):
    other = differ(bot, annotator, ben, one=lost, other=stolen)

    response = decide(as_reviewer, item, f"a:{answer_of(other, ben).pk}", htmx=True)

    assert response.status_code == 409
    assert not GoldLabel.objects.exists()


def test_nobody_settles_their_own_dispute_unnoticed(bot, ben, reviewer, as_reviewer, lost, stolen):
    made = differ(bot, reviewer, ben, one=lost, other=stolen)

    assert "One of these answers is yours." in words(as_reviewer.get(f"{LIST}{made.pk}/"))
    assert "You answered" in words(as_reviewer.get(LIST))

    decide(as_reviewer, made, f"a:{answer_of(made, reviewer).pk}")

    label = words(as_reviewer.get(f"/review/labels/{GoldLabel.objects.get().pk}/"))
    assert "Decided about their own answer." in label


def test_undoing_shows_the_turn_again(as_reviewer, item, ben):
    decide(as_reviewer, item, f"a:{answer_of(item, ben).pk}")

    response = as_reviewer.post(f"{LIST}undo/", follow=True)

    assert response.redirect_chain[-1][0] == f"{LIST}{item.pk}/"
    assert "Taken back" in words(response)
    assert not GoldLabel.objects.current().exists()


def test_sending_back_is_undone_too(as_reviewer, item):
    decide(as_reviewer, item, "back", note="Again, please.")

    as_reviewer.post(f"{LIST}undo/")

    assert SentBack.objects.get().undone_at
    assert not Dispute.objects.get().sent_back


def test_undoing_nothing_says_so(as_reviewer, bot):
    assert "nothing to take back" in words(as_reviewer.post(f"{LIST}undo/", follow=True))


# ── what annotators see ───────────────────────────────────────────────────────────────


def test_people_see_what_was_decided_otherwise(as_reviewer, as_annotator, ben, item):
    decide(as_reviewer, item, f"a:{answer_of(item, ben).pk}", note="Gone means stolen here.")

    page = words(as_annotator.get("/review/corrected/"))

    for said in ("my wallet is gone", "card_lost", "card_stolen", "Gone means stolen here.", "New"):
        assert said in page
    assert 'Corrected <span class="count">1</span>' in words(as_annotator.get("/review/"))
    assert "Nothing was corrected" in words(logged_in(ben).get("/review/corrected/"))


def test_what_was_seen_is_not_counted_any_more(as_reviewer, as_annotator, ben, item):
    decide(as_reviewer, item, f"a:{answer_of(item, ben).pk}")
    until = as_annotator.get("/review/corrected/").context["until"]

    for sent in ("", "x", str(10**30)):
        as_annotator.post("/review/corrected/seen/", {"until": sent})
    assert Correction.objects.unseen().count() == 1
    as_annotator.post("/review/corrected/seen/", {"until": until}, headers=HTMX)

    assert not Correction.objects.unseen().exists()
    assert "1 corrected" not in words(as_annotator.get("/review/next/"))


def test_corrections_take_the_same_statements_however_many(
    as_reviewer, as_annotator, bot, annotator, ben, lost, stolen, item, django_assert_num_queries
):
    decide(as_reviewer, item, f"a:{answer_of(item, ben).pk}")
    # Session, person with bots; unseen, how many, the page with its answers, the marks of both,
    # labels.
    with django_assert_num_queries(8):
        as_annotator.get("/review/corrected/")
    for _ in range(3):
        made = differ(bot, annotator, ben, one=lost, other=stolen)
        decide(as_reviewer, made, f"a:{answer_of(made, ben).pk}")

    with django_assert_num_queries(8):
        assert len(as_annotator.get("/review/corrected/").context["rows"]) == 4


# ── where a label comes from ──────────────────────────────────────────────────────────


def test_a_label_says_where_it_comes_from(as_reviewer, as_annotator, annotator, ben, item):
    decide(as_reviewer, item, f"a:{answer_of(item, ben).pk}", seconds="12")

    page = words(as_annotator.get(f"/review/labels/{GoldLabel.objects.get().pk}/"))

    for said in ("who accepted the answer of", "Something was found in it", "Was shown", "12 s"):
        assert said in page
    assert "Made this label" in page


def test_an_older_label_leads_to_the_one_that_took_its_place(as_annotator, annotator, ben, bot):
    made = make_item(bot)
    give(made, annotator)
    older = GoldLabel.objects.get()
    ReviewItem.objects.update(status="open", ended_at=None)
    take(made.pk, ben, bot=bot)
    send(made, ben, verdict=Verdict.UNUSABLE)

    page = words(as_annotator.get(f"/review/labels/{older.pk}/"))

    assert "another took its place" in page


def test_answers_are_no_annotators_to_see_while_it_is_read_again(
    as_annotator, as_reviewer, ben, item, reviewer, bot
):
    decide(as_reviewer, item, f"a:{answer_of(item, ben).pk}")
    label = GoldLabel.objects.get().pk
    ReviewItem.objects.update(status="open", ended_at=None, lane="reviewer")

    assert "Blocked." not in words(as_annotator.get(f"/review/labels/{label}/"))
    assert "Blocked." in words(as_reviewer.get(f"/review/labels/{label}/"))


def test_the_conversation_leads_to_the_label(as_reviewer, as_annotator, ben, item):
    decide(as_reviewer, item, f"a:{answer_of(item, ben).pk}")

    page = words(as_annotator.get(f"/conversations/{item.conversation_id}/"))

    assert f"/review/labels/{GoldLabel.objects.get().pk}/" in page
