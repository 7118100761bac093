"""In which lane somebody's next item is looked for."""

from collections.abc import Sequence
from random import SystemRandom

from annotation.models import ReviewItem, ReviewSettings

Lane = ReviewItem.Lane

# A second opinion waits for the one person who may not give it as well. It is looked for twice as
# often as such items arise: so they do not pile up, and nobody passes by their own each time.
SECONDS_DRAWN = 2
# Nobody knows how many turns an intent has whose share is its own: it is taken for at most so much.
MOST_BY_INTENT = 12.5  # percent

_dice = SystemRandom()


def throw() -> float:
    """A number from 0 to 1, evenly drawn."""
    return _dice.random()


def lanes_in_order(
    settings: ReviewSettings, *, dice: float, adjudicates: bool, by_intent: float = 0
) -> Sequence[ReviewItem.Lane]:
    """All lanes of somebody's, the one that `dice` (0 to 1) falls on first.

    Novelty and audit have the shares that the settings give them; what is left is selection's.
    Of its share some are second opinions (`by_intent` is the largest share, in percent, that an
    intent has of its own), and whoever adjudicates begins with what waits for them: few may
    answer it.
    """
    shares = ((Lane.NOVELTY, settings.novelty_percent), (Lane.AUDIT, settings.audit_percent))
    left = dice * 100
    first = []
    for lane, percent in shares:
        if 0 <= left < percent:
            first = [lane]
        left -= percent
    if not first:
        seconds = max(settings.second_opinion_percent, min(by_intent, MOST_BY_INTENT))
        first = _of_selection(settings, seconds=seconds, left=left, adjudicates=adjudicates)
    others = [Lane.REVIEWER] if adjudicates else []
    # Each once, in the order in which they come.
    order = [*first, Lane.SELECTION, Lane.SECOND, Lane.NOVELTY, Lane.AUDIT, *others]
    return list(dict.fromkeys(order))


def _of_selection(
    settings: ReviewSettings, *, seconds: float, left: float, adjudicates: bool
) -> list[ReviewItem.Lane]:
    share = 100 - settings.novelty_percent - settings.audit_percent
    drawn = share * min(SECONDS_DRAWN * seconds / 100, 1)
    return [
        *([Lane.REVIEWER] if adjudicates else []),
        *([Lane.SECOND] if left < drawn else []),
    ]
