"""Texts that end users send now and then, and that code forgets."""

TEXTS = [
    "where is my lost card",
    "I CAN'T find my refund, please!  help -- now",
    "",
    "  ",
    "?",
    "a",
    "the the the the",
    "漢字 仮名 مرحبا 漢字",
    "İstanbul'da \u0307 kartım",
    "👍🏽 ok",
    "nul \x00 and \u200b nothing",
    "\u200b",
    "tabs\tand\nlines and nbsp",
    "▁ of our ▁▁own▁",
    "ﬁve ½ ①",
    "supercalifragilisticexpialidocious" * 3,
    "lost card " * 70,
    "see https://bank.example/" + "a1" * 40 + " card",
]
