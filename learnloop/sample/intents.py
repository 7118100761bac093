"""The sample bot's intents, with the guideline that annotators read beneath each of them."""

from learnloop.sample.intents_of_cards import CARD_INTENTS
from learnloop.sample.intents_of_money import MONEY_INTENTS
from learnloop.sample.intents_of_the_rest import OTHER_INTENTS
from learnloop.sample.sample_intent import SampleIntent

__all__ = ["INTENTS", "SampleIntent"]

INTENTS: tuple[SampleIntent, ...] = (*CARD_INTENTS, *MONEY_INTENTS, *OTHER_INTENTS)
