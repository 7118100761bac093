"""What people said of an item, as pages show it side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from annotation.models import Annotation
from annotation.models.answers import AnnotationQuerySet

Verdict = Annotation.Verdict
DECIDES_NOTHING = frozenset({Verdict.UNSURE, Verdict.SKIP})


@dataclass(frozen=True, slots=True)
class Opinion:
    """One answer, with who gave it, when, and how."""

    said: Annotation

    @property
    def who(self) -> str:
        return self.said.annotator.shown_name

    @property
    def label(self) -> str:
        return label_of(self.said)

    @property
    def note(self) -> str:
        return self.said.note

    @property
    def better_answer(self) -> str:
        return self.said.better_answer

    @property
    def marked(self) -> list[str]:
        """As "type: text"."""
        return [f"{span.type.name}: {span.text}" for span in self.said.spans.all()]

    @property
    def at(self) -> datetime:
        return self.said.created_at

    @property
    def took(self) -> str:
        """How long it was looked at, in words; empty if that is not known."""
        return "" if self.said.seconds is None else f"{self.said.seconds:,.0f} s"

    @property
    def is_an_answer(self) -> bool:
        """Whether it can become a gold label."""
        return self.said.verdict not in DECIDES_NOTHING

    @property
    def was_decision(self) -> bool:
        """Whether it was given by a reviewer, about what others had said."""
        return self.said.lane == "reviewer" and self.is_an_answer

    @property
    def tone(self) -> str:
        return "neutral" if self.said.intent else "info" if self.is_an_answer else "warn"


def label_of(said: Annotation) -> str:
    return said.intent.name if said.intent else Verdict(said.verdict).label


def of_items(items: Collection[int]) -> dict[int, list[Opinion]]:
    """Those that stand, by item, the first answer first; in three statements at most."""
    found = defaultdict(list)
    for said in _read(Annotation.objects.opinions().filter(item__in=items)):
        found[said.item_id].append(Opinion(said))
    return found


def all_of(item_id: int) -> list[Opinion]:
    """Those that were answered anew since as well."""
    said = Annotation.objects.filter(item=item_id, undone_at=None).exclude(verdict=Verdict.SKIP)
    return [Opinion(each) for each in _read(said)]


def _read(said: AnnotationQuerySet) -> AnnotationQuerySet:
    whole = said.select_related("annotator", "intent").prefetch_related("spans__type")
    return whole.order_by("pk")
