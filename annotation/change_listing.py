"""Changes of intents as their pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page

from accounts.models import Bot
from annotation.models import GoldLabel, Intent, IntentChange, SplitPick
from annotation.models.answers import GoldLabelQuerySet
from annotation.models.changes import IntentChangeQuerySet
from annotation.refactoring import splitting
from ingest.pieces import in_one_line

SHOWN = ("intent", "into", "job", "created_by", "undone_by", "bot")


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A gold label that can be picked."""

    id: int
    conversation: UUID
    said: str
    by: str
    at: datetime
    is_picked: bool


@dataclass(frozen=True)
class Draft:
    """One page of the labels of a split, and how many are picked of how many."""

    page: Page[GoldLabel]
    rows: list[LabelRow]
    picked: int
    total: int

    @property
    def stays(self) -> int:
        return self.total - self.picked


def changes_of(bot: Bot) -> IntentChangeQuerySet:
    return IntentChange.objects.of(bot).select_related(*SHOWN)


def labels_to_pick(change: IntentChange, *, words: str, show: str) -> GoldLabelQuerySet:
    """The labels of a draft that are asked for, in the order in which they were given."""
    labels = splitting.labels_of(change, words=words)
    picked = SplitPick.objects.filter(change=change).values("gold_label")
    if show == "picked":
        labels = labels.filter(pk__in=picked)
    elif show == "left":
        labels = labels.exclude(pk__in=picked)
    return labels.select_related("turn", "annotation__annotator").order_by("pk")


def draft(change: IntentChange, page: Page[GoldLabel]) -> Draft:
    return Draft(
        page,
        _rows(change, list(page)),
        splitting.picked(change).count(),
        splitting.labels_of(change).count(),
    )


def _rows(change: IntentChange, labels: Iterable[GoldLabel]) -> list[LabelRow]:
    of_page = SplitPick.objects.filter(change=change, gold_label__in=[each.pk for each in labels])
    picked = set(of_page.values_list("gold_label", flat=True))
    return [
        LabelRow(
            each.pk,
            each.turn.conversation_id,
            in_one_line(each.turn.text),
            each.annotation.annotator.shown_name,
            each.created_at,
            each.pk in picked,
        )
        for each in labels
    ]


def names_in_use(bot: Bot, *, besides: Intent) -> list[str]:
    others = Intent.objects.of(bot).in_use().exclude(pk=besides.pk)
    return list(others.by_name().values_list("name", flat=True))
