"""Why an item is there, in sentences, the most telling first."""

from collections.abc import Sequence

AUDIT = "Drawn at random, to measure how good the bot is."
RANDOM = "Drawn at random: nothing is known of this bot's weak spots yet."
NO_INTENT = "The bot named no intent."
OUT_OF_SCOPE = "The bot took it for something that it has no intent for ({intent})."
LEFT = "Somebody answered a turn alike to this one, and not for this one."


def of_novelty(intent: str) -> str:
    return OUT_OF_SCOPE.format(intent=intent) if intent.strip() else NO_INTENT


def of_signals(sentences: Sequence[str], *, novel: bool, intent: str) -> list[str]:
    """The sentences of the signals come heaviest first; a new topic is said before them."""
    return [of_novelty(intent), *sentences] if novel else list(sentences)
