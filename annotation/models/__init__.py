"""What people say of turns: the words they choose from, what waits for them, what they answered."""

from annotation.models.answers import Annotation, EntitySpan, GoldLabel
from annotation.models.intents import EntityType, Intent, IntentExample
from annotation.models.items import ItemTurn, QueueDue, ReviewItem
from annotation.models.settings import ReviewSettings

__all__ = [
    "Annotation",
    "EntitySpan",
    "EntityType",
    "GoldLabel",
    "Intent",
    "IntentExample",
    "ItemTurn",
    "QueueDue",
    "ReviewItem",
    "ReviewSettings",
]
