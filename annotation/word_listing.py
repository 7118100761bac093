"""One page of intents or entity types, with how much there is of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.db.models.functions import Lower

from accounts.models import Bot
from annotation import aliases
from annotation.models import EntitySpan, EntityType, GoldLabel, Intent, ReviewItem


@dataclass(frozen=True)
class IntentRow:
    intent: Intent
    labels: int  # turns that mean it, as accepted
    waiting: int  # open items whose best guess it is


@dataclass(frozen=True)
class EntityTypeRow:
    entity_type: EntityType
    marked: int  # parts of texts, in answers that stand


def intent_rows(bot: Bot, intents: Sequence[Intent]) -> list[IntentRow]:
    """Comparable intents of one page in their order, counted in three statements."""
    current = GoldLabel.objects.of(bot).current().filter(intent__in=intents)
    labels = _counted(current.values_list("intent"))
    # A bot may write a name with other capitals, and means the same intent.
    old = aliases.old_names(intents)
    names: dict[int, list[str]] = {
        each.pk: [each.compared_name, *old.get(each.pk, [])]  # type: ignore[attr-defined]
        for each in intents
    }
    guessed = ReviewItem.objects.of(bot).open().annotate(guessed=Lower("guess"))
    all_names = [name for each in names.values() for name in each]
    waiting = _counted(guessed.filter(guessed__in=all_names).values_list("guessed"))
    return [
        IntentRow(each, labels.get(each.pk, 0), sum(waiting.get(n, 0) for n in names[each.pk]))
        for each in intents
    ]


def entity_type_rows(entity_types: Sequence[EntityType]) -> list[EntityTypeRow]:
    spans = EntitySpan.objects.filter(
        type__in=entity_types, annotation__undone_at=None, annotation__superseded_at=None
    )
    marked = _counted(spans.values_list("type"))
    return [EntityTypeRow(each, marked.get(each.pk, 0)) for each in entity_types]


def _counted(groups: Any) -> dict[Any, int]:
    return dict(groups.order_by().annotate(Count("pk")))
