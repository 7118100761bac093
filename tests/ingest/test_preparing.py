"""ingest/preparing.py: what is stored of an event."""

from datetime import UTC, datetime

from ingest.preparing import Keeper, prepare
from ingest.reading import read_event
from ingest.redacting import compile_patterns, redact

NOW = datetime(2026, 5, 9, 12, tzinfo=UTC)
SALT = b"a salt of thirty-two bytes, more"


def prepared(*, own_ids=(), salt=SALT, **fields):
    raw = {"conversation_id": "c-1", "user_input": "hello"} | fields
    keeper = Keeper(1, salt=salt, own_ids=compile_patterns(own_ids))
    return prepare(read_event(raw), name="e-1", sent_at=NOW, keeper=keeper)


def test_an_event_without_a_time_happened_when_it_was_sent():
    assert prepared().at == NOW


def test_personal_data_is_counted_by_kind():
    event = prepared(user_input="ana@example.com and ben@example.com", bot_response="1.2.3.4 ok")

    assert event.redacted == {"email": 2, "ip": 1}
    assert event.turn.text == "⟨email⟩ and ⟨email⟩"


def test_an_end_user_is_known_by_a_pseudonym_that_only_their_bot_makes():
    mine, again = prepared(user_id="customer-17"), prepared(user_id="customer-17")
    elsewhere = prepared(user_id="customer-17", salt=b"another salt of thirty-two bytes")

    assert mine.user == again.user
    assert mine.user != elsewhere.user
    assert "customer" not in str(mine.user)


def test_a_conversation_that_is_called_by_a_telephone_number_gets_another_name():
    one, other = prepared(conversation_id="+34 600 123 456"), prepared(conversation_id="c-1")

    assert one.conversation_name.startswith("⟨phone⟩ ")
    assert "600" not in one.conversation_name
    assert other.conversation_name == "c-1"
    assert prepared(conversation_id="+34 600 123 456").conversation == one.conversation


def test_the_bots_own_ids_are_taken_out():
    event = prepared(user_input="my contract is AB-12345", own_ids=[r"AB-\d{5}"])

    assert event.turn.text == "my contract is ⟨id⟩"


def test_an_entity_behind_redacted_text_moves_with_it():
    said = "ana@example.com lives in Lisbon"
    start = said.index("Lisbon")
    entity = {"type": "city", "value": "Lisbon", "start": start, "end": start + 6}

    event = prepared(user_input=said, entities_extracted=[entity])

    [kept] = event.turn.entities
    assert event.turn.text[kept["start"] : kept["end"]] == kept["value"] == "Lisbon"


def test_an_entity_that_is_redacted_becomes_the_token():
    entity = {"type": "mail", "value": "ana@example.com", "start": 6, "end": 21}

    event = prepared(user_input="write ana@example.com", entities_extracted=[entity])

    assert event.turn.entities == [{"type": "mail", "value": "⟨email⟩", "start": 6, "end": 13}]


def test_an_entity_that_lies_outside_the_text_keeps_no_place():
    entity = {"type": "city", "value": "Lisbon", "start": 3, "end": 99}

    event = prepared(user_input="hi", entities_extracted=[entity])

    assert event.turn.entities == [{"type": "city", "value": "Lisbon"}]


def test_the_state_is_redacted_in_keys_texts_and_long_numbers():
    state = {"ana@example.com": [{"card": 4111111111111111}], "n": 3, "ok": True, "x": 1e300}

    kept = prepared(dialog_state=state).turn.dialog_state

    assert kept == {"⟨email⟩": [{"card": "⟨card⟩"}], "n": 3, "ok": True, "x": 1e300}


def test_a_bare_telephone_number_is_known_by_its_place():
    state = {
        "user_phone": 4917612345678,
        "mobile": {"n": 4917612345678},
        "tel": ["0176 123 456"],
        "hotel": "12345678",
        "n": 1234567,
    }

    kept = prepared(conversation_id="4917612345678", dialog_state=state)

    assert kept.turn.dialog_state == {
        "user_phone": "⟨phone⟩",
        "mobile": {"n": "⟨phone⟩"},
        "tel": ["⟨phone⟩"],
        "hotel": "12345678",
        "n": 1234567,
    }
    assert kept.conversation_name.startswith("⟨id⟩ ")


def test_a_negative_number_hides_nothing():
    assert prepared(dialog_state={"x": -4111111111111111}).turn.dialog_state == {"x": "⟨card⟩"}


def test_nobody_finds_what_was_said_by_trying_digests():
    mine = prepared(user_input="+34 600 123 456")
    elsewhere = prepared(user_input="+34 600 123 456", salt=b"another salt of thirty-two bytes")

    assert mine.digest != elsewhere.digest


def test_what_was_said_before_redaction_makes_the_digest():
    one, other = prepared(user_input="a@example.com"), prepared(user_input="b@example.com")

    assert one.turn.text == other.turn.text
    assert one.digest != other.digest


def test_places_move_with_what_was_replaced():
    redaction = redact("at a@example.com or b@example.com now")

    assert redaction.text == "at ⟨email⟩ or ⟨email⟩ now"
    assert redaction.moved(0, 2) == (0, 2)
    assert redaction.moved(17, 19) == (11, 13)
    assert redaction.moved(34, 37) == (22, 25)
    assert redaction.moved(5, 8) == (3, 10)  # inside a token: all of it
    assert redaction.moved(0, 8) == (0, 10)  # into one
    assert redaction.moved(8, 37) == (3, 25)  # out of one, over the next


def test_names_are_redacted_like_texts():
    event = prepared(
        model_version="for ana@example.com", language="a@example.com", channel="b@example.com"
    )

    assert (event.turn.model_version, event.language, event.channel) == (
        "for ⟨email⟩",
        "⟨email⟩",
        "⟨email⟩",
    )
    assert event.redacted == {"email": 3}


def test_a_telephone_number_is_known_by_the_type_of_its_entity():
    entity = {"type": "phone_number", "value": "0176123456"}

    assert prepared(entities_extracted=[entity]).turn.entities[0]["value"] == "⟨phone⟩"
