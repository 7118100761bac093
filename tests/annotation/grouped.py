"""Groups, as the job leaves them."""

from annotation import grouping
from annotation.models import GroupedItem, TurnGroup
from tests.factories import make_item


def make_group(bot, texts, *, apart=None, near=None, guess="", **fields):
    """A TurnGroup of items that say `texts`. `apart`: {text: why_apart}; these come first."""
    apart = apart or {}
    found = TurnGroup.objects.create(bot=bot, size=0, outliers=0, near=near, guess=guess)
    in_order = sorted(texts, key=lambda text: text not in apart)
    for number, text in enumerate(in_order):
        item = make_item(bot, text, **fields)
        GroupedItem.objects.create(
            bot=bot,
            item=item,
            group=found,
            place=number,
            likeness=0.5 + number / 100,
            why_apart=apart.get(text, {}),
        )
    grouping.recount(bot)
    found.refresh_from_db()
    return found


def items_of(group):
    return [each.item for each in group.members.order_by("place").select_related("item")]
