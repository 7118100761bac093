"""What the sample bot takes a text for: sure, torn between neighbours, or lost."""

from dataclasses import dataclass
from random import Random

from learnloop.sample.intents import INTENTS

NAMES = tuple(intent.name for intent in INTENTS)

# What an intent is mistaken for, most often first.
NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "card_lost": ("card_stolen", "freeze_card", "card_arrival"),
    "card_stolen": ("card_lost", "dispute_charge", "freeze_card"),
    "freeze_card": ("card_lost", "card_stolen", "card_declined"),
    "card_arrival": ("card_lost", "change_address", "reset_pin"),
    "card_declined": ("reset_pin", "freeze_card", "transfer_failed"),
    "check_balance": ("transfer_failed", "transfer_money", "dispute_charge"),
    "transfer_money": ("transfer_failed", "check_balance", "direct_debit_cancel"),
    "transfer_failed": ("transfer_money", "card_declined", "dispute_charge"),
    "direct_debit_cancel": ("dispute_charge", "transfer_money", "freeze_card"),
    "dispute_charge": ("card_stolen", "direct_debit_cancel", "transfer_failed"),
    "reset_pin": ("card_declined", "freeze_card", "card_arrival"),
    "change_address": ("card_arrival", "opening_hours", "talk_to_person"),
    "opening_hours": ("talk_to_person", "change_address", "greeting"),
    "talk_to_person": ("opening_hours", "greeting", "dispute_charge"),
    "greeting": ("answer_to_bot", "talk_to_person", "opening_hours"),
    "answer_to_bot": ("greeting", "talk_to_person", "check_balance"),
    # Subjects that the bot has no intent for, and what they look like to it.
    "loan": ("transfer_money", "check_balance", "opening_hours"),
    "wallet": ("card_declined", "freeze_card", "reset_pin"),
    "other": ("greeting", "opening_hours", "talk_to_person"),
}


@dataclass(frozen=True)
class Guess:
    intent: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]


def sure(meant: str, *, rng: Random, hard: bool = False) -> Guess:
    low, high = (0.44, 0.7) if hard else (0.68, 0.985)
    near = NEIGHBOURS[meant] if rng.random() < 0.6 else tuple(rng.sample(NEIGHBOURS[meant], 3))
    return _guess(meant, near, rng.uniform(low, high), rng=rng)


def torn(meant: str, *, rng: Random) -> Guess:
    """A neighbour wins, mostly by very little; one time in six it wins clearly."""
    wrong, *others = NEIGHBOURS[meant]
    if rng.random() < 0.25:
        wrong, others = others[0], [wrong, *others[1:]]
    runners_up = (meant, *others) if meant in NAMES else tuple(others)
    if rng.random() < 1 / 6:
        return _guess(wrong, runners_up, rng.uniform(0.62, 0.86), rng=rng)
    confidence = rng.uniform(0.36, 0.48)
    return _guess(
        wrong, runners_up, confidence, rng=rng, second=confidence - rng.uniform(0.01, 0.08)
    )


def lost(meant: str, *, rng: Random) -> Guess:
    first, *others = rng.sample(NEIGHBOURS[meant], 3)
    far = rng.choice([name for name in NAMES if name not in {first, *others}])
    return _guess(first, (*others, far), rng.uniform(0.13, 0.29), rng=rng)


def _guess(
    intent: str,
    runners_up: tuple[str, ...],
    confidence: float,
    *,
    rng: Random,
    second: float | None = None,
) -> Guess:
    """Share what `confidence` leaves among the others, never more than the one before got."""
    left, most = 1 - confidence, confidence
    alternatives = []
    far = rng.choice([name for name in NAMES if name not in {intent, *runners_up}])
    for name in (*runners_up, far)[:4]:
        share = second if second is not None else left * rng.uniform(0.35, 0.65)
        most = min(share, most * rng.uniform(0.75, 0.99), left)
        second = None
        if most < 0.005:
            break
        left -= most
        alternatives.append((name, _down(most)))
    return Guess(intent, _down(confidence), tuple(alternatives))


def _down(share: float) -> float:
    """Rounding up could make the sum more than one."""
    return int(share * 1000) / 1000
