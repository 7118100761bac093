"""Gold labels as pages show them: where one comes from, and what was said before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from annotation import opinions
from annotation.models import Annotation, GoldLabel, ReviewItem, SentBack
from annotation.opinions import Opinion

# What the policies of this room and of those above it are, in words.
POLICIES = {
    "signals": "Something was found in it: a complaint, a hesitation, a symptom",
    "audit": "Drawn at random for the audit, before anything was known of it",
    "random": "Drawn at random, while no model version chose",
    "margin_clusters": "The model version hesitated between two intents",
    "novelty_clusters": "Unlike what the model version had learned",
    "typiclust": "Typical of many that nobody had labelled",
}


def current_of(item: ReviewItem) -> GoldLabel | None:
    """The gold label of the item's own turn."""
    return GoldLabel.objects.current().filter(turn=item.turn_id).select_related("intent").first()


def of_turns(turns: Iterable[UUID]) -> Mapping[UUID, GoldLabel]:
    """The current gold labels of some turns; one statement."""
    found = GoldLabel.objects.current().filter(turn__in=list(turns)).select_related("intent")
    return {each.turn_id: each for each in found}


@dataclass(frozen=True)
class Origin:
    """Where a gold label comes from."""

    label: GoldLabel
    item: ReviewItem  # that was answered; another turn's, if it was given by likeness
    made_by: Opinion
    accepted: Opinion | None  # the answer that was made the reviewer's own
    opinions: list[Opinion]  # all that were given, the first first
    sent_back: list[SentBack]
    others: list[GoldLabel]  # of the same turn, the newest first
    is_open: bool  # somebody is to look at it again, so answers are nobody's to see but reviewers'

    @property
    def policy(self) -> str:
        return POLICIES.get(self.label.policy, self.label.policy)

    @property
    def was_adjudicated(self) -> bool:
        return self.made_by.was_decision

    @property
    def of_own_answer(self) -> bool:
        """Whether whoever decided had given one of the answers before."""
        said, decided = self.made_by.said, self.was_adjudicated
        before = [each for each in self.opinions if each.is_an_answer and each.said.pk < said.pk]
        return decided and any(each.said.annotator_id == said.annotator_id for each in before)


def origin(label: GoldLabel, *, reader: User, adjudicates: bool) -> Origin:
    """Read where a gold label comes from; who may not decide sees no answers while it is open."""
    item = label.annotation.item
    said = opinions.all_of(item.pk)
    made_by = next(each for each in said if each.said.pk == label.annotation_id)
    is_open = item.status == ReviewItem.Status.OPEN
    hidden = is_open and not adjudicates
    others = GoldLabel.objects.filter(turn=label.turn_id).exclude(pk=label.pk)
    return Origin(
        label=label,
        item=item,
        made_by=made_by,
        accepted=next((each for each in said if each.said.pk == made_by.said.accepts_id), None),
        opinions=[e for e in said if not hidden or e.said.annotator_id == reader.pk],
        sent_back=[] if hidden else _sent_back(label.annotation),
        others=list(others.select_related("intent").order_by("-pk")[:20]),
        is_open=is_open,
    )


def _sent_back(said: Annotation) -> list[SentBack]:
    sent = SentBack.objects.standing().filter(item=said.item_id).select_related("by")
    return list(sent.order_by("pk"))
