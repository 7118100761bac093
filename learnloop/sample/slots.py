"""What goes into the slots of a phrase: cities, amounts, dates, and made-up personal data."""

from datetime import datetime, timedelta
from random import Random

from learnloop.sample.phrasebook import Phrasebook

# Slots that the bot's own entity extraction knows, and the type it gives them.
ENTITY_TYPES = {
    "amount": "amount",
    "loan": "amount",
    "city": "city",
    "card_type": "card_type",
    "date": "date",
    "when": "date",
    "account": "account",
}

# The kinds that redaction takes out. Test numbers and example domains only.
PERSONAL = {
    "email": ("marta.ruiz@example.com", "tom_1987@example.com", "n.okafor@example.org"),
    "phone": ("+34 600 000 012", "600 000 345", "+34 700 000 098"),
    "card_number": ("4111 1111 1111 1111", "4111-1111-1111-1111"),
    "iban": ("ES91 2100 0418 4502 0005 1332", "ES9121000418450200051332"),
    "last4": ("1111", "0427", "9083", "3310"),
}

AMOUNTS = (12, 20, 30, 50, 50, 75, 89, 100, 100, 150, 200, 250, 480)


class Facts(dict[str, str]):
    """What is true for one customer and one wish, made up when it is first needed.

    Somebody who repeats themselves names the same card, day and amount again.
    """

    def __init__(self, rng: Random, *, book: Phrasebook, at: datetime) -> None:
        super().__init__()
        self._rng = rng
        self._book = book
        self._at = at

    def __missing__(self, slot: str) -> str:
        values = PERSONAL.get(slot) or self._book.slots[slot]
        self[slot] = self._rng.choice(values).format_map(_Numbers(self._rng, self._dates()))
        return self[slot]

    def _dates(self) -> dict[str, str]:
        past = self._at - timedelta(days=self._rng.randint(3, 16))
        coming = self._at + timedelta(days=self._rng.randint(3, 16))
        return {"past": self._day(past), "coming": self._day(coming)}

    def _day(self, day: datetime) -> str:
        return self._book.day.format(day=day.day, month=self._book.months[day.month - 1])


class _Numbers(dict[str, str]):
    """The numbers inside a value, such as `{n}` in "{n} euros"."""

    def __init__(self, rng: Random, dates: dict[str, str]) -> None:
        super().__init__(dates)
        self._rng = rng

    def __missing__(self, name: str) -> str:
        if name == "n":
            return str(self._rng.choice(AMOUNTS))
        if name == "thousands":
            return str(self._rng.randint(1, 9))
        return (
            f"{self._rng.randint(100, 999)}" if name == "hundreds" else f"{self._at_most_99():02}"
        )

    def _at_most_99(self) -> int:
        return self._rng.randint(0, 99)
