"""Groups with something of everything that they can show."""

from datetime import timedelta

from django.utils import timezone

from annotation.models import Grouping, ReviewItem
from tests.annotation.grouped import items_of, make_group
from tests.factories import make_intent, make_member

SAID = [
    "my card is gone",
    "I lost my card 💳 somewhere in Lisbon, and I need another one before Friday, please",
    "لقد فقدت بطاقتي",
    "card lost",
    "i cant find my card " + "a" * 90,
    "where did my card go? I had it this morning at the till",
]
ODD = "please freeze my card until I have found it"


def groups_to_look_at(bot):
    """A group with outliers, one that somebody else has, and when they were made."""
    lost, frozen = make_intent(bot, "lost_my_card"), make_intent(bot, "freeze.my_card_for_a_while")
    why = {"far": 6, "intent": frozen.pk, "guess": "freeze.my_card_for_a_while"}
    group = make_group(
        bot, [*SAID, ODD], apart={ODD: why}, near=lost, guess="card_lost", guess_hidden=False
    )
    first, second, *_ = items_of(group)
    ReviewItem.objects.filter(pk=first.pk).update(guess=why["guess"])
    ReviewItem.objects.filter(pk=second.pk).update(alike_count=14)
    others = make_group(bot, ["hello", "hello there"], guess="greeting")
    holder = make_member(bot)
    ReviewItem.objects.filter(grouped__group=others).update(
        holder=holder, held_until=timezone.now() + timedelta(hours=1)
    )
    Grouping.objects.create(bot=bot, made_at=timezone.now(), items=1234, waiting=7)
    return {"turn_group": group, "others_group": others}
