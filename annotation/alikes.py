"""Texts that say the same wait as one item, which counts the others.

Nothing here touches the database: `piles` says what belongs together, from the open items of some
groups and the turns that were looked at.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from annotation.drafting import SIGNALS, Seen
from annotation.models import ReviewItem
from annotation.weighing import complains

Lane = ReviewItem.Lane


class Standing(NamedTuple):
    """An open item outside of the audit."""

    id: int
    turn: UUID
    text_group: UUID
    lane: str
    policy: str
    weight: float
    kinds: Sequence[str]
    margin: float | None
    alike_count: int
    untouched: bool  # nobody holds it, it is meant for nobody, and nobody has said anything

    @property
    def may_change_hands(self) -> bool:
        """Whether another turn may lead it, or another item take it in.

        What was drawn stays what was drawn, and what people look at stays what they look at.
        """
        return (
            self.untouched
            and self.policy == SIGNALS
            and self.lane in (Lane.SELECTION, Lane.NOVELTY)
        )


@dataclass
class Pile:
    """An item that stands, or is to be made, and what comes to it now."""

    item: Standing | None
    text_group: UUID
    lead: Seen | None = None  # whose words it is to show from now on; None: it shows what it does
    joining: list[Seen] = field(default_factory=list)
    folded: list[Standing] = field(default_factory=list)  # items that become part of it
    weight: float = 0.0  # of the heaviest turn that is known
    kinds: set[str] = field(default_factory=set)

    @property
    def alike_count(self) -> int:
        items = [*self.folded, *([self.item] if self.item else [])]
        return sum(1 + each.alike_count for each in items) + len(self.joining) - 1

    @property
    def has_new_lead(self) -> bool:
        return bool(self.item and self.lead and self.lead.turn != self.item.turn)

    @property
    def has_grown(self) -> bool:
        """Whether the item has to change although it shows what it does."""
        return self.item is not None and (
            bool(self.joining or self.folded)
            or self.weight != self.item.weight
            or self.kinds != set(self.item.kinds)
            or self.text_group != self.item.text_group
        )

    def count_in(self, weight: float, kinds: Iterable[str]) -> None:
        self.weight = max(self.weight, weight)
        self.kinds.update(kinds)

    def fold(self, items: Sequence[Standing]) -> None:
        self.folded += items
        for each in items:
            self.count_in(each.weight, each.kinds)

    def show(self, own: Seen) -> None:
        """Follow what is known by now of the turn that leads it."""
        assert self.item  # noqa: S101  # for the types
        if not self.item.alike_count:
            self.weight, self.kinds = 0.0, set()
        self.lead = own
        self.count_in(own.weight, own.kinds)

    def offer(self, turn: Seen) -> None:
        """Let a turn lead it if that weighs more. Whoever waits in a lane stays there."""
        shown = self.lead.weight if self.lead else self.weight
        if self._may_be_led_by(turn) and turn.weight > shown:
            self.lead = turn
        self.count_in(turn.weight, turn.kinds)

    def _may_be_led_by(self, turn: Seen) -> bool:
        item = self.item
        return item is not None and item.may_change_hands and lane_of(turn) == item.lane


def lane_of(turn: Seen) -> str:
    return Lane.NOVELTY if turn.is_novel else Lane.SELECTION


def piles(
    standing: Iterable[Standing], turns: Sequence[Seen], *, least_weight: float
) -> list[Pile]:
    """Say what becomes of `turns`: the heaviest leads, the others stand beside it."""
    table = _Table(standing, turns)
    for each in sorted(turns, key=lambda turn: (-turn.weight, turn.at, turn.turn)):
        if each.own_item is not None or each.beside is not None:
            table.look_again_at(each)
        elif is_wanted(each, least_weight=least_weight):
            table.put(each)
    return table.piles


def is_wanted(turn: Seen, *, least_weight: float) -> bool:
    """Whether a turn that is not in the queue should be.

    What a text means is known once it was said. A complaint about it deserves a look all the same.
    """
    if not turn.signals or turn.weight < least_weight:
        return False
    return not turn.known or complains(turn.kinds)


class _Table:
    """Where piles are made."""

    def __init__(self, standing: Iterable[Standing], turns: Sequence[Seen]) -> None:
        self.piles: list[Pile] = []
        self._of_group: dict[UUID, Pile] = {}
        self._of_item: dict[int, Pile] = {}
        owned = {each.own_item: each for each in turns if each.own_item is not None}
        groups: dict[UUID, list[Standing]] = defaultdict(list)
        for item in standing:
            own = owned.get(item.id)
            groups[own.text_group if own else item.text_group].append(item)
        for group, items in groups.items():
            self._put_together(group, items, owned)

    def _put_together(self, group: UUID, items: list[Standing], owned: dict[int, Seen]) -> None:
        """Fold what nobody has touched into one; into what cannot be folded, if there is some."""
        items.sort(key=lambda item: (-item.weight, item.id))
        kept = [item for item in items if not item.may_change_hands] or items[:1]
        loose = [item for item in items if item not in kept]
        for item in kept:
            pile = self._new(item, group)
            pile.count_in(item.weight, item.kinds)
            if (own := owned.get(item.id)) and own.signals:
                pile.show(own)
            self._of_item[item.id] = pile
        first = self._of_item[kept[0].id]
        first.fold(loose)
        self._of_group[group] = first
        for item in loose:
            self._of_item[item.id] = first

    def look_again_at(self, turn: Seen) -> None:
        """A turn that stands in the queue already, by itself or beside another."""
        pile = self._of_item.get(turn.own_item or turn.beside or 0)
        if pile is not None and not (pile.item and pile.item.id == turn.own_item):
            pile.offer(turn)

    def put(self, turn: Seen) -> None:
        pile = self._of_group.get(turn.text_group)
        if pile is None:
            pile = self._of_group[turn.text_group] = self._new(None, turn.text_group)
            pile.lead = turn
        pile.joining.append(turn)
        pile.offer(turn)

    def _new(self, item: Standing | None, group: UUID) -> Pile:
        pile = Pile(item, group)
        self.piles.append(pile)
        return pile
