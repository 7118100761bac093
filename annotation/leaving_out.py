"""Why an item of a group cannot be answered by somebody, in words as well."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import TextChoices

from accounts.models import User
from annotation.models import ReviewItem

Lane = ReviewItem.Lane


class Reason(TextChoices):
    GONE = "gone", "erased meanwhile"
    ANSWERED = "answered", "answered meanwhile"
    HELD = "held", "with somebody else right now"
    GIVEN = "given", "meant for somebody else"
    YOURS = "yours", "answered or skipped by you before"
    CHANGED = "changed", "in other words by now"


def why_not(item: ReviewItem, turn: UUID, user: User) -> Reason | None:
    """Why `user` cannot answer `item` as a part of a group, where it was shown by `turn`."""
    if item.status != ReviewItem.Status.OPEN or not is_groupable(item):
        return Reason.ANSWERED
    if item.holder_id not in (None, user.pk):
        return Reason.HELD
    if item.assigned_to_id not in (None, user.pk):
        return Reason.GIVEN
    if user.pk in item.not_for:
        return Reason.YOURS
    return Reason.CHANGED if item.turn_id != turn else None


def is_groupable(item: ReviewItem) -> bool:
    return item.lane in (Lane.SELECTION, Lane.NOVELTY) and item.policy != "audit"


def in_words(left_out: Mapping[str, int]) -> str:
    """As "2 were answered meanwhile, 1 was with somebody else right now"; empty for none."""
    return ", ".join(
        f"{times} {'was' if times == 1 else 'were'} {Reason(reason).label}"
        for reason, times in left_out.items()
    )
