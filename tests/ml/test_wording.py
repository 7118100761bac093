"""Figures as people read them."""

from ml.wording import count, listed, percent, points


def test_figures_have_one_decimal_and_a_sign_where_they_differ():
    assert percent(0.9124) == "91.2 %"
    assert [points(0.0088), points(-0.0123), points(-0.0001)] == ["+0.9", "−1.2", "0.0"]


def test_one_is_one_and_more_are_more():
    assert [count(1, "row"), count(1546, "row"), count(2, "box", "boxes")] == [
        *("1 row", "1,546 rows", "2 boxes")
    ]


def test_long_lists_end_in_a_number():
    assert [listed([]), listed(["a"]), listed(["a", "b", "c"])] == ["", "a", "a, b and c"]
    assert listed(list("abcdefg")) == "a, b, c, d, e and 2 more"
