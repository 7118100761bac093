"""ml/collapsing.py"""

from ml import collapsing
from ml.collapsing import Standing


def standing(*texts):
    kept = Standing()
    for text in texts:
        if not kept.stands_for(text):
            kept.put(text)
    return kept


def test_nothing_stands_for_anything_at_first():
    assert not Standing().stands_for("where is my card")


def test_a_text_stands_for_itself_and_for_what_is_near():
    kept = standing("please tell me where my new card is")

    assert kept.stands_for("please tell me where my new card is")
    assert kept.stands_for("so please tell me where my new card is")


def test_it_does_not_stand_for_what_is_not():
    assert not standing("where is my card").stands_for("where is my money")


def test_the_first_of_a_group_is_kept():
    texts = [f"{word} please tell me where my new card is" for word in ("so", "well", "hey")]

    assert len(standing(*texts)) == 1


def test_likeness_is_not_followed_from_text_to_text():
    """The middle one is near both ends, which are not near each other."""
    left, middle, right = "a b c d e f g", "b c d e f g h", "d e f g h i j"

    assert len(standing(left, middle, right)) == 2


def test_a_full_shelf_keeps_those_that_came_first(monkeypatch):
    monkeypatch.setattr(collapsing, "ROOM", 2)
    texts = [f"i would like to {word} {word}{word}" for word in ("go", "eat", "fly", "pay")]
    kept = standing(*texts)

    assert len(kept) == 4
    assert kept.stands_for(texts[0])
