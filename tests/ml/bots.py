"""Small bots to learn: texts of a few intents, with vectors that an encoder could have made."""

import numpy as np

from ml.examples import Examples
from ml.pipelines import fit_intents

VERBS = ["where is", "i lost", "please send me", "how do i get", "show me", "what about"]
THINGS = {
    "card": ["my card", "the bank card", "a new card", "that debit card"],
    "rome": ["a flight to rome", "the plane to rome", "rome tickets", "a trip to italy"],
    "money": ["my refund", "the money", "my transfer", "the payment"],
    "pizza": ["a pizza", "pizza with cheese", "the pizza menu", "two pizzas"],
}
DIMENSIONS = 24
ENCODER = "toy-1"


def bot(n, *, intents=("card", "rome", "money"), seed=0, blur=0.5, groups=None):
    """Make n rows, intents in turn. A vector is its intent's direction and chance.

    The more `blur`, the harder to tell apart.
    """
    chance = np.random.default_rng(seed)
    rows = [intents[row % len(intents)] for row in range(n)]
    texts = [
        f"{chance.choice(VERBS)} {chance.choice(THINGS[intent])} {chance.integers(99)}"
        for intent in rows
    ]
    return Examples(
        texts,
        vectors_of(rows, chance, blur=blur),
        np.array(rows, np.str_),
        np.arange(n) if groups is None else groups,
    )


def vectors_of(intents, chance, *, blur):
    directions = np.eye(DIMENSIONS)[[list(THINGS).index(intent) for intent in intents]]
    vectors = directions.reshape(-1, DIMENSIONS) + blur * chance.normal(
        size=(len(intents), DIMENSIONS)
    ) / np.sqrt(DIMENSIONS)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def fit(examples, **changes):
    """Fit with all the time there is."""
    arguments = {
        "budget": 60.0,
        "elapsed": lambda: 0.0,
        "random_state": 0,
        "encoder_version": ENCODER,
    }
    return fit_intents(examples, **{**arguments, **changes})
