"""/review/ and /review/assign/"""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation import queue_listing
from annotation.holding import take
from annotation.models import ReviewItem
from annotation.queue_listing import Place
from annotation.templatetags.names import at_joints
from tests.factories import make_conversation, make_item


def page_of(client, query="", *, status=200):
    response = client.get(f"/review/{query}")
    assert response.status_code == status
    return response.content.decode()


def test_the_queue_shows_what_waits_in_this_bot_alone(as_annotator, bot, other_bot):
    make_item(bot, "My wallet is gone")
    make_item(bot, "Answered", status="done", ended_at=timezone.now())
    make_item(other_bot, "Not theirs")

    page = page_of(as_annotator)

    assert "My wallet is gone" in page
    assert "Answered" not in page
    assert "Not theirs" not in page


def test_a_row_says_what_and_why_and_who_has_it(as_annotator, annotator, bot):
    item = make_item(
        bot,
        "My wallet\n is gone",
        kinds=["thumbs_down", "low_confidence"],
        guess="card_lost",
        confidence=0.41,
        alike_count=1234,
    )
    take(item.pk, annotator, bot=bot)
    make_item(bot, reasons=["Drawn at random."], assigned_to=annotator, lane="novelty")

    page = page_of(as_annotator)

    for said in ("My wallet is gone", "Thumbs down", "Low confidence", "card_lost", "0.41"):
        assert said in page
    for said in ("1,234", "ana", "For ana", "Drawn at random.", "New topics"):
        assert said in page


def test_a_guess_that_is_hidden_is_not_shown(as_annotator, bot):
    make_item(bot, guess="card_lost", guess_hidden=True)

    page = page_of(as_annotator)

    assert "<bdi>card_lost</bdi>" not in page
    assert "Hidden" in page


def test_the_most_useful_comes_first(as_annotator, bot):
    for priority in (1, 3, 2):
        make_item(bot, f"of {priority}", priority=priority)

    page = page_of(as_annotator)

    assert page.index("of 3") < page.index("of 2") < page.index("of 1")


def test_an_empty_queue_says_what_will_come(as_annotator, bot):
    page = page_of(as_annotator)

    assert "Nothing is waiting" in page
    assert "Start reviewing" not in page


class TestFilters:
    @pytest.mark.parametrize(
        "query",
        [
            "?lane=novelty",
            "?kind=report",
            "?intent=card_lost",
            "?below=0.5",
            "?until=2026-05-09",
            "?since=2026-05-01&until=2026-05-10",
            "?q=wall",
        ],
    )
    def test_each_leaves_what_is_asked_for(self, as_annotator, bot, query):
        make_item(bot, "Another", at=timezone.now(), confidence=0.9)
        make_item(
            bot,
            "My wallet",
            conversation=make_conversation(bot, turns=["My wallet"]),
            lane="novelty",
            kinds=["report"],
            guess="card_lost",
            confidence=0.2,
        )

        page = page_of(as_annotator, query)

        assert "My wallet" in page
        assert "Another" not in page

    def test_what_is_for_me_can_be_asked_for(self, as_annotator, annotator, bot, ben):
        make_item(bot, "For ana alone", assigned_to=annotator)
        make_item(bot, "Of somebody else", assigned_to=ben)

        page = page_of(as_annotator, "?assigned=on")

        assert "For ana alone" in page
        assert "Of somebody else" not in page

    def test_start_reviewing_keeps_them(self, as_annotator, bot):
        make_item(bot, kinds=["report"], lane="novelty")

        page = page_of(as_annotator, "?kind=report&lane=novelty&after=&below=")

        assert 'href="/review/next/?lane=novelty&amp;kind=report"' in page

    def test_what_makes_no_sense_is_shown_and_left_out(self, as_annotator, bot):
        make_item(bot, "My wallet")

        page = page_of(as_annotator, "?kind=bad&below=7&lane=nowhere&after=x&q=%3F%3F")

        assert "My wallet" in page
        assert page.count("left out") >= 3
        assert 'href="/review/next/"' in page

    def test_where_nothing_is_like_that_it_says_so(self, as_annotator, bot):
        make_item(bot)

        assert "Nothing like that is waiting" in page_of(as_annotator, "?kind=report")

    def test_guesses_are_offered(self, as_annotator, bot):
        for guess in ("card_lost", "Atm", "card_lost", ""):
            make_item(bot, guess=guess)

        page = page_of(as_annotator)

        assert page.index('<option value="Atm">') < page.index('<option value="card_lost">')
        assert page.count('<option value="card_lost">') == 1


class TestLanes:
    def test_each_says_how_many_wait(self, as_annotator, bot):
        for lane in ("selection", "selection", "audit"):
            make_item(bot, lane=lane)

        page = " ".join(page_of(as_annotator).split())

        assert 'Selection <span class="count">2</span>' in page
        assert 'Audit <span class="count">1</span>' in page
        assert 'All <span class="count">3</span>' in page
        assert "3 waiting" in page

    def test_more_than_can_be_counted_are_said_to_be_more(self, as_annotator, bot, monkeypatch):
        monkeypatch.setattr(queue_listing, "MOST_COUNTED", 2)
        for _ in range(4):
            make_item(bot)

        page = " ".join(page_of(as_annotator).split())

        assert 'Selection <span class="count">2+</span>' in page
        assert "2+ waiting" in page

    def test_a_sum_of_what_was_not_counted_to_the_end_is_rounded_down(self):
        assert queue_listing.in_words(1001, 135, 154) == "1,200+"
        assert queue_listing.in_words(1000, 135, 154) == "1,289"


class TestPages:
    def test_every_item_is_on_one_page(self, as_annotator, bot, monkeypatch):
        monkeypatch.setattr(queue_listing, "PAGE", 3)
        items = [make_item(bot, priority=0.1 + 0.2 * (n // 4)) for n in range(8)]
        seen, after = [], ""

        while after is not None:
            response = as_annotator.get("/review/", {"after": after} if after else {})
            read = response.context["page"]
            seen += [row.item for row in read.rows]
            after = str(read.next_after) if read.next_after else None

        assert seen == sorted(items, key=lambda item: (-item.priority, item.pk))

    def test_the_next_page_keeps_the_filters(self, as_annotator, bot, monkeypatch):
        monkeypatch.setattr(queue_listing, "PAGE", 1)
        for _ in range(2):
            make_item(bot, kinds=["report"])

        page = page_of(as_annotator, "?kind=report")

        link = next(part for part in page.split('"') if "after=" in part)
        assert parse_qs(urlsplit(link.replace("&amp;", "&")).query)["kind"] == ["report"]

    @pytest.mark.parametrize(
        "text", ["", "1", "x~1", "nan~1", "inf~1", "1~-1", "1~99999999999999999999"]
    )
    def test_a_place_that_no_item_has_is_none(self, text):
        with pytest.raises(ValueError):
            Place.read(text)

    def test_a_place_is_read_as_it_was_written(self):
        place = Place(1.95 / 7, 12)

        assert Place.read(str(place)) == place


def test_a_page_takes_the_same_few_statements_however_many_there_are(as_annotator, annotator, bot):
    counted = []
    for many in (1, 60):
        for n in range(many):
            make_item(
                bot,
                conversation=make_conversation(bot, turns=["wallet"]),
                kinds=["report"],
                guess=f"intent {n}",
                holder=annotator,
                held_until=timezone.now() + timedelta(minutes=1),
            )
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page_of(as_annotator, "?kind=report&q=wallet&since=2026-05-01")
        counted.append([q for q in queries.captured_queries if "SAVEPOINT" not in q["sql"]])

    assert len(counted[0]) == len(counted[1]) <= 10


def test_what_takes_too_long_is_given_up(as_annotator, bot, monkeypatch):
    make_item(bot)
    monkeypatch.setattr(queue_listing, "SECONDS", 0.05)
    monkeypatch.setattr(
        queue_listing, "INTENTS", "SELECT pg_sleep(5) WHERE %(bot)s > %(most)s - 1000"
    )

    page = page_of(as_annotator, "?kind=report")

    assert "The search took too long." in page


class TestAssigning:
    def test_what_the_filters_show_goes_to_one_person(self, as_reviewer, bot, annotator):
        make_item(bot, "other")
        items = [make_item(bot, kinds=["report"], priority=n) for n in range(3)]

        response = as_reviewer.post(
            "/review/assign/", {"person": annotator.pk, "most": 2, "kind": "report"}, follow=True
        )

        assert set(ReviewItem.objects.filter(assigned_to=annotator)) == set(items[1:])
        assert response.redirect_chain[0][0] == "/review/?kind=report"
        assert "2 items are now for ana alone" in response.content.decode()

    def test_what_somebody_has_stays_theirs(self, as_reviewer, bot, annotator, ben):
        held, given = make_item(bot), make_item(bot, assigned_to=ben)
        take(held.pk, ben, bot=bot)
        answered = make_item(bot, not_for=[annotator.pk])
        for_reviewers = make_item(bot, lane="reviewer")

        response = as_reviewer.post(
            "/review/assign/", {"person": annotator.pk, "most": 9}, follow=True
        )

        assert "Nothing was assigned" in response.content.decode()
        for item in (held, given, answered, for_reviewers):
            item.refresh_from_db()
            assert item.assigned_to != annotator

    def test_a_reviewer_can_be_given_what_waits_for_one(self, as_reviewer, bot, reviewer):
        item = make_item(bot, lane="reviewer")

        as_reviewer.post("/review/assign/", {"person": reviewer.pk, "most": 9})

        item.refresh_from_db()
        assert item.assigned_to == reviewer

    def test_theirs_can_be_taken_back(self, as_reviewer, bot, annotator, ben):
        make_item(bot, assigned_to=annotator)
        bens = make_item(bot, assigned_to=ben)

        response = as_reviewer.post(
            "/review/assign/",
            {"person": annotator.pk, "most": 100, "take_back": "yes"},
            follow=True,
        )

        assert "1 item is for everybody again." in response.content.decode()
        assert ReviewItem.objects.exclude(assigned_to=None).get() == bens

    @pytest.mark.parametrize("most", ["0", "", "many", "100000"])
    def test_a_number_that_cannot_be_used_brings_the_form_again(
        self, as_reviewer, bot, annotator, most
    ):
        make_item(bot, kinds=["report"])

        response = as_reviewer.post(
            "/review/assign/", {"person": annotator.pk, "most": most, "kind": "report"}
        )

        assert response.status_code == 422
        page = response.content.decode()
        assert "Nothing was assigned." in page
        assert '<input type="hidden" name="kind" value="report">' in page
        assert not ReviewItem.objects.exclude(assigned_to=None).exists()

    def test_only_those_who_work_on_the_bot_can_be_chosen(self, as_reviewer, bot, other_admin):
        make_item(bot)

        response = as_reviewer.post("/review/assign/", {"person": other_admin.pk, "most": 1})

        assert response.status_code == 422
        assert "works on this bot no more" in response.content.decode()

    def test_annotators_do_not_see_it(self, as_annotator, bot):
        make_item(bot)

        assert "Take back" not in page_of(as_annotator)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("card_arrival", "card_<wbr>arrival"),
        ("pay/out-of__scope", "pay/<wbr>out-<wbr>of__<wbr>scope"),
        ("_<b>_", "_<wbr>&lt;b&gt;_"),
        ("Kartenzahlung", "Kartenzahlung"),
    ],
)
def test_a_long_name_goes_on_after_its_joints(name, shown):
    assert at_joints(name) == shown
