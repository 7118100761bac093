"""Gold labels on pages of rooms below, which know nothing of them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import template

from annotation.labels import of_turns
from annotation.models import GoldLabel

register = template.Library()


@register.simple_tag
def labels_of(lines: Iterable[Any]) -> Mapping[UUID, GoldLabel]:
    """The current gold labels of the turns among the lines of a chat; one statement for all."""
    return of_turns(line.turn.pk for line in lines if hasattr(line, "turn"))


@register.filter
def of_turn(labels: Mapping[UUID, GoldLabel], turn: UUID) -> GoldLabel | None:
    return labels.get(turn)
