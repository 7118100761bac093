"""/replays/"""

from datetime import timedelta

from django.utils import timezone

from ml.wording import percent
from tests.replay.played import make_replay


def page_of(client, row):
    return client.get(f"/replays/{row.pk}/")


def test_what_a_replay_came_to_is_a_table_and_two_plots(as_engineer, bot):
    page = page_of(as_engineer, make_replay(bot))

    table = {row.name: row.value for row in page.context["table"]}
    assert table["Labels"] == "300, of these about 24 for the audit"
    assert table["Promoted"] == "2, of these 2 by an override"
    assert table["Rejected"] == "1"
    assert table["Answered rightly"] == "60.0 % of these, 30.0 % of all"
    assert table["Training"] == "80 s, 44 s CPU"
    accuracy, traffic = page.context["charts"]
    assert [row[0] for row in accuracy.rows] == ["100", "200", "300"]
    assert [row[1] for row in traffic.rows] == [percent(0.15), percent(0.6), percent(0.6)]


def test_a_twin_is_drawn_beside_it_for_who_may_see_both(as_engineer, as_operator, bot, other_bot):
    row = make_replay(bot)
    make_replay(other_bot, twin_of=row, points=2)

    alone, both = page_of(as_engineer, row), page_of(as_operator, row)

    assert alone.context["other"] is None
    assert both.context["other"].bot == other_bot
    assert len(both.context["charts"][0].head) == len(alone.context["charts"][0].head) + 1


def test_one_that_goes_on_asks_for_itself_again(as_engineer, bot):
    row = make_replay(bot, points=0, ended=False)

    page = page_of(as_engineer, row).content.decode()
    card = as_engineer.get(f"/replays/{row.pk}/card/").content.decode()

    assert f'hx-get="/replays/{row.pk}/card/' in page
    assert card.lstrip().startswith('<div id="replay-card"')
    assert "No version yet" in card


def test_one_that_was_stopped_says_how_to_go_on(as_engineer, bot):
    row = make_replay(bot, points=1, ended=False)
    under_way = page_of(as_engineer, row).content.decode()
    row.seen_at = timezone.now() - timedelta(minutes=5)
    row.save()
    stopped = page_of(as_engineer, row).content.decode()

    assert "Under way" in under_way
    assert "it goes on" in under_way
    assert "Stopped" in stopped
    assert "the same command again goes on from there" in stopped


def test_shares_are_percentages_and_nothing_is_no_share(as_engineer, bot):
    before = {"labels": 100, "sent": 4000, "answered": 0, "right": 0}
    row = make_replay(bot, points=1, counts=before)

    page = page_of(as_engineer, row)

    table = {row.name: row.value for row in page.context["table"]}
    assert table["Answered rightly"] == "none: they came before a version was live"
    assert '<td data-label="Test" class="number">50.0 %</td>' in page.content.decode()


def test_the_axis_of_labels_has_round_numbers(as_engineer, bot):
    row = make_replay(bot, points=1)
    row.points[0]["labels"] = 499
    row.save()

    accuracy, _ = page_of(as_engineer, row).context["charts"]

    assert [tick.label for tick in accuracy.x_ticks] == ["0", "100", "200", "300", "400"]


def test_the_list_says_how_to_begin_one(as_engineer, bot):
    empty = as_engineer.get("/replays/").content.decode()
    make_replay(bot)
    full = as_engineer.get("/replays/").content.decode()

    assert "./loop replay FILE" in empty
    assert "bank.jsonl.gz" in full


def test_a_page_takes_few_statements(as_engineer, bot, django_assert_max_num_queries):
    row = make_replay(bot, points=40)

    for path in ("/replays/", f"/replays/{row.pk}/"):
        with django_assert_max_num_queries(8):
            as_engineer.get(path)
