"""/intents/entities/"""

import pytest

from annotation import archiving, spelling
from annotation.models import Annotation, EntitySpan, EntityType
from tests.factories import (
    make_conversation,
    make_entity_type,
    make_review_item,
    make_turn,
)

URL = "/intents/entities/"
NEW = "/intents/entities/new/"


def create(client, **fields):
    return client.post(NEW, {"name": "city", "colour": "series-2", **fields})


def edit(client, entity_type, **fields):
    return client.post(f"{URL}{entity_type.pk}/edit/", {"colour": "series-2", **fields})


def test_an_entity_type_is_made(as_reviewer, bot, reviewer):
    response = create(as_reviewer, title="City", guideline="Mark **it**.", key="1")

    made = EntityType.objects.of(bot).get()
    assert response["Location"] == f"{URL}{made.pk}/"
    assert (made.name, made.title, made.key, made.created_by) == ("city", "City", "1", reviewer)
    assert "<strong>it</strong>" in as_reviewer.get(f"{URL}{made.pk}/").content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "Give it a name: the one that the bot uses."),
        ({"name": "CITY\x7f"}, spelling.ODD),
        ({"key": "ab"}, spelling.NO_TYPE_KEY),
        ({"key": "\u0301"}, spelling.NO_TYPE_KEY),
        ({"key": "\u200b"}, spelling.NO_TYPE_KEY),
        ({"colour": "red"}, "Select a valid choice."),
        ({"guideline": "w" * 20_001}, "Leave at most 20,000."),
    ],
)
def test_what_cannot_be_used_brings_the_form_again(fields, sentence, as_reviewer, bot):
    response = create(as_reviewer, **{"title": "Typed", **fields})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "Typed" in response.content.decode()
    assert not EntityType.objects.exists()


def test_names_and_keys_are_there_once(as_reviewer, bot):
    make_entity_type(bot, "city", key="c")

    assert "“city” is there already." in create(as_reviewer, name="City").content.decode()
    assert (
        "The key c chooses “city” already."
        in create(as_reviewer, name="date", key="C").content.decode()
    )


def test_all_but_the_name_is_changed(as_reviewer, bot):
    city = make_entity_type(bot, "city", key="c")

    edit(as_reviewer, city, name="town", title="Town", key="t")

    city.refresh_from_db()
    assert (city.name, city.title, city.key) == ("city", "Town", "t")


def test_nobody_writes_over_what_they_have_not_seen(as_reviewer, bot):
    city = make_entity_type(bot, "city")

    response = edit(as_reviewer, city, guideline="Mine.", seen="0" * 64)

    assert response.status_code == 409
    assert "Mine." in response.content.decode()
    assert EntityType.objects.get().guideline == ""


def test_a_refused_change_keeps_what_was_typed(as_reviewer, bot):
    make_entity_type(bot, "date", key="d")
    city = make_entity_type(bot, "city")

    response = edit(as_reviewer, city, title="Typed", key="d")

    assert response.status_code == 422
    assert "Typed" in response.content.decode()


def test_what_is_archived_can_be_brought_back_when_its_key_is_free(as_reviewer, bot, reviewer):
    city = make_entity_type(bot, "city", key="c")
    as_reviewer.post(f"{URL}{city.pk}/archive/")
    rows = as_reviewer.get(f"{URL}?state=archived").context["rows"]
    assert [row.entity_type for row in rows] == [city]
    country = make_entity_type(bot, "country", key="c")

    refused = as_reviewer.post(f"{URL}{city.pk}/bring-back/")
    archiving.archive(country, by=reviewer)
    as_reviewer.post(f"{URL}{city.pk}/bring-back/")

    assert refused.status_code == 422
    assert "The key c chooses “country” already." in refused.content.decode()
    assert EntityType.objects.in_use().get() == city


def test_each_row_says_how_often_it_is_marked(
    as_annotator, bot, annotator, django_assert_num_queries
):
    city = make_entity_type(bot, "city")
    item = make_review_item(make_turn(make_conversation(bot)))
    answer = Annotation.objects.create(
        bot=bot, submission="0" * 32, item=item, annotator=annotator, verdict="unsure",
        guess_shown=True,
    )  # fmt: skip
    EntitySpan.objects.create(annotation=answer, type=city, start=0, end=2, text="We")

    with django_assert_num_queries(5):
        rows = as_annotator.get(f"{URL}?q=ci").context["rows"]

    assert [row.marked for row in rows] == [1]
    assert as_annotator.get(f"{URL}{city.pk}/").context["row"].marked == 1


def test_an_annotator_reads_and_does_not_write(as_annotator, bot):
    city = make_entity_type(bot, "city")

    assert as_annotator.get(URL).status_code == 200
    assert as_annotator.get(NEW).status_code == 403
    assert edit(as_annotator, city, title="Mine").status_code == 403
    assert as_annotator.post(f"{URL}{city.pk}/archive/").status_code == 403


def test_the_entity_types_of_another_bot_do_not_exist(as_other_admin, bot):
    city = make_entity_type(bot, "city")

    assert as_other_admin.get(f"{URL}{city.pk}/").status_code == 404
    for path in ("edit/", "archive/", "bring-back/"):
        assert as_other_admin.post(f"{URL}{city.pk}/{path}").status_code == 404
    assert as_other_admin.get(URL).context["rows"] == []


def test_who_is_not_logged_in_is_led_to_the_login(anonymous, bot):
    city = make_entity_type(bot)

    for path in ("", "new/", f"{city.pk}/", f"{city.pk}/edit/"):
        assert anonymous.get(f"{URL}{path}")["Location"].startswith("/login/")
