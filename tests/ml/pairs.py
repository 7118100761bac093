"""Answers of two versions to made-up conversations, with known differences."""

import numpy as np

from ml.pairing import Paired


def pairs(wins=0, losses=0, ties=0, *, both_wrong=0, truth="a", other="b"):
    """Return rows, each a conversation of its own, on which so many differ."""
    n = wins + losses + ties + both_wrong
    live = [other] * wins + [truth] * losses + [truth] * ties + [other] * both_wrong
    candidate = [truth] * wins + [other] * losses + [truth] * ties + [other] * both_wrong
    return Paired(
        np.full(n, truth), np.array(live, "U40"), np.array(candidate, "U40"), np.arange(n)
    )


def joined(*parts):
    """Put several one after the other, their conversations kept apart."""
    return Paired(
        np.concatenate([part.truth for part in parts]),
        np.concatenate([part.live for part in parts]),
        np.concatenate([part.candidate for part in parts]),
        np.concatenate([part.conversations + 1_000_000 * n for n, part in enumerate(parts)]),
    )


def names_of(n):
    return np.array([f"intent-{k:03d}" for k in range(n)])


def equals(chance, *, rows, intents=40, wrong=0.12, alike=0.6, conversations=None):
    """Draw rows for two versions that are exactly as good as each other.

    `alike` is the share of rows on which they err together.
    """
    true = chance.integers(0, intents, rows)
    hard = chance.random(rows)

    def answers():
        own = np.where(chance.random(rows) < alike, hard, chance.random(rows))
        other = (true + chance.integers(1, intents, rows)) % intents
        return names_of(intents)[np.where(own < wrong, other, true)]

    owner = chance.integers(0, conversations, rows) if conversations else np.arange(rows)
    return Paired(names_of(intents)[true], answers(), answers(), owner)


def conversing(chance, *, conversations, length=6, intents=8):
    """Draw conversations that are each about one thing, and suit one version or the other."""
    owner = np.repeat(np.arange(conversations), length)
    about = chance.integers(0, intents, conversations)[owner]
    strays = chance.random(len(owner)) < 0.3
    true = np.where(strays, chance.integers(0, intents, len(owner)), about)

    def answers(good, bad):
        able = np.where(chance.random(conversations) < 0.8, good, bad)[owner]
        other = (true + chance.integers(1, intents, len(owner))) % intents
        return names_of(intents)[np.where(chance.random(len(owner)) < able, true, other)]

    return Paired(names_of(intents)[true], answers(0.95, 0.3), answers(0.97, 0.4), owner)
