"""Names that intents had before, or that were merged into them: bots go on answering these."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Value
from django.db.models.functions import Lower

from accounts.models import Bot
from accounts.scoping import BotOwnedQuerySet
from annotation.clashes import NameTaken, NotStored
from annotation.models import Intent, IntentAlias
from annotation.models.changes import IntentChange

WAS_CALLED = (
    "“{name}” is what “{intent}” was called before, and bots may still answer it. Take another "
    "name, or let go of the old one on the page of “{intent}”."
)
IS_MERGED = (
    "“{name}” was merged into “{into}”. Undo that first, or bring it back on its page; it has no "
    "labels then."
)


def meant(bot: Bot, name: str) -> Intent | None:
    """The intent that was called `name` before, whatever its capitals; None if there is none."""
    found = _called(bot, name).select_related("intent").first()
    return found.intent if found else None


def refuse_taken(bot: Bot, name: str, *, besides: Intent | None = None) -> None:
    """Raise NameTaken if another intent was called so, and is still known by it."""
    found = meant(bot, name)
    if found is not None and found != besides:
        raise NameTaken(WAS_CALLED.format(name=name, intent=found.name))


def refuse_merged(intent: Intent) -> None:
    """Raise NotStored if `intent` is part of another by now."""
    found = part_of(intent)
    if found is not None:
        raise NotStored(IS_MERGED.format(name=intent.name, into=found.intent.name))


def part_of(intent: Intent) -> IntentAlias | None:
    """What an intent was merged into, with the change that did it; None if it was not."""
    return IntentAlias.objects.filter(merged=intent).select_related("intent").first()


def old_names(intents: Iterable[Intent]) -> dict[int, list[str]]:
    """The old names of each intent, as the constraints compare them."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = IntentAlias.objects.filter(intent__in=intents).annotate(compared=Lower("name"))
    for intent, name in rows.order_by("compared").values_list("intent", "compared"):
        found[intent].append(name)
    return found


def names_now(bot: Bot) -> dict[str, str]:
    """What intents are called now, by their old names as the constraints compare these."""
    rows = IntentAlias.objects.of(bot).annotate(compared=Lower("name"))
    return dict(rows.values_list("compared", "intent__name"))


def merged_into(bot: Bot) -> dict[int, int]:
    """The intent that each merged one is part of by now, by their keys."""
    merged = IntentAlias.objects.of(bot).filter(merged__isnull=False)
    return dict(merged.values_list("merged", "intent"))


def same_as(intent: int) -> list[int]:
    """`intent`, and all that were merged into it."""
    merged = IntentAlias.objects.filter(intent=intent, merged__isnull=False)
    return [intent, *merged.values_list("merged", flat=True)]


# ── keeping them ──────────────────────────────────────────────────────────────────────


def remember(change: IntentChange, intent: Intent, name: str, *, merged: Intent | None) -> None:
    """Take `name` for one of `intent` from now on."""
    _called(change.bot, name).delete()
    IntentAlias.objects.create(
        bot=change.bot, name=name, intent=intent, merged=merged, change=change
    )


def let_go(bot: Bot, name: str) -> Sequence[IntentAlias]:
    """Take `name` for no old name any more; what was deleted."""
    gone = list(_called(bot, name))
    _called(bot, name).delete()
    return gone


def hand_on(source: Intent, into: Intent) -> list[int]:
    """Let old names of `source` mean `into`; the keys of their rows."""
    theirs = IntentAlias.objects.filter(intent=source)
    keys = list(theirs.values_list("pk", flat=True))
    theirs.update(intent=into)
    return keys


def _called(bot: Bot, name: str) -> BotOwnedQuerySet[IntentAlias]:
    aliases = IntentAlias.objects.of(bot).annotate(compared=Lower("name"))
    return aliases.filter(compared=Lower(Value(name)))
