"""A queue with something of everything that it can show."""

from datetime import timedelta

from django.utils import timezone

from tests.factories import make_conversation, make_item

SAID = [
    ("no it was taken in Lisbon, and nobody answers the phone", ["escalation", "small_margin"]),
    ("my card 💳 does not work!!", ["thumbs_down", "low_confidence", "repetition"]),
    ("Quiero hablar con una persona ahora mismo, por favor, esto no sirve de nada", ["report"]),
    ("أين بطاقتي؟", ["low_rating", "abandonment"]),
    ("ok", ["bot_error"]),
    ("where is my new card, I ordered it three weeks ago and was told it takes five days", []),
    ("a" * 120, ["low_confidence"]),
]


def a_queue(bot, annotator):
    """Items of every lane; some are held, given to somebody, or hide their guess."""
    now = timezone.now()
    for number, (text, kinds) in enumerate(SAID * 2):
        held = {"holder": annotator, "held_until": now + timedelta(minutes=9)}
        lane = ["selection", "selection", "novelty", "second", "reviewer"][number % 5]
        make_item(
            bot,
            text,
            conversation=make_conversation(bot, turns=[text], started_at=now),
            at=now - timedelta(hours=number * 7),
            lane=lane,
            kinds=kinds,
            reasons=["Drawn at random: nothing is known of this bot's weak spots yet."],
            priority=3 - number / 10,
            guess=["card_lost", "a_rather_long_intent_name.with_parts", ""][number % 3],
            confidence=[0.41, 0.875, None][number % 3],
            guess_hidden=number == 4,
            alike_count=[0, 14, 0, 1234][number % 4],
            assigned_to=annotator if number == 3 else None,
            **(held if number == 1 else {}),
        )
    make_item(
        bot,
        side="audit",
        reasons=["Drawn at random, to measure how good the bot is."],
        priority=0.4,
        at=now,
    )
