"""The sample bot's entity types: what its own extraction marks, and how people should."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleEntityType:
    """`guideline` is Markdown."""

    name: str
    title: str
    key: str
    guideline: str


ENTITY_TYPES = (
    SampleEntityType(
        name="amount",
        title="Amount of money",
        key="m",
        guideline="""\
Mark the number **with its currency**: "€200", "50 euros", "twenty quid".

- "Some money" is no amount.
- Numbers of cards, accounts and telephones are none either.""",
    ),
    SampleEntityType(
        name="city",
        title="City",
        key="c",
        guideline="""\
Mark the name of a town or city **without the word before it**: "Lisbon", not "in Lisbon".

- Countries and streets are not marked.""",
    ),
    SampleEntityType(
        name="card_type",
        title="Kind of card",
        key="k",
        guideline="""\
Mark what kind of card it is: "debit card", "credit card", "prepaid".

- "My card" alone says no kind.""",
    ),
    SampleEntityType(
        name="date",
        title="Day or date",
        key="d",
        guideline="""\
Mark a day, date or month **without the word before it**: "Monday", "3 May", "last week".

- Times of day are not marked.""",
    ),
    SampleEntityType(
        name="account",
        title="Account",
        key="a",
        guideline="""\
Mark which of the customer's accounts is meant: "savings account", "joint account".

- "My account" alone says nothing about which.""",
    ),
)
