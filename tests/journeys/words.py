"""Intents and entity types as people write them, with all that Markdown has."""

from itertools import cycle

from annotation import archiving
from annotation.models.intents import Colour
from learnloop.sample.intents import INTENTS
from tests.factories import make_entity_type, make_intent

GUIDELINE = """\
The customer **cannot find** the card and does not say that anybody took it.

## When in doubt

1. Somebody took it: `card_stolen`.
2. They know where it is: [freeze_card](https://example.com/freeze).

> Between lost and stolen, ~~lost~~ *stolen* is the safer mistake.

| said | means |
|---|---|
| left it in a taxi | lost |
| a_word_that_is_so_long_that_no_narrow_window_has_room_for_all_of_it_in_one_line | lost |

```
card_lost != card_stolen
```
"""


def words_to_choose_from(bot, *, by):
    """The two whose pages are looked at, by the name of what is in their address."""
    for each, colour in zip(INTENTS[1:], cycle(Colour), strict=False):
        make_intent(bot, each.name, by=by, title=each.title, colour=colour, critical=each.critical)
    make_intent(bot, "w" * 120, by=by, title="بطاقة مفقودة", key="w")
    archiving.archive(make_intent(bot, "small_talk", by=by), by=by)
    first = INTENTS[0]
    intent = make_intent(
        bot, first.name, by=by, title=first.title, guideline=GUIDELINE, critical=True, key="l",
        good=(*first.good, "بطاقتي ضاعت", "w" * 200), bad=(*first.bad, ("the card", "")),
    )  # fmt: skip
    make_entity_type(bot, "amount", by=by, title="Amount of money", key="m")
    city = make_entity_type(
        bot, "city", by=by, title="City", key="c", guideline="Mark **the name**."
    )
    return {"intent": intent, "entity_type": city}
