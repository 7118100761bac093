"""What people say of turns: the words they choose from, what waits for them, what they answered."""

from annotation.models.agreement import (
    Comparison,
    ComparisonDue,
    DisputeCount,
    PersonCount,
    SpanCount,
)
from annotation.models.answers import Annotation, EntitySpan, GoldLabel
from annotation.models.changes import AskedAgain, IntentAlias, IntentChange, SplitPick
from annotation.models.disputes import AskedAnew, Correction, Dispute, SentBack
from annotation.models.groups import GroupAnswer, GroupedItem, Grouping, TurnGroup
from annotation.models.intents import EntityType, Intent, IntentExample
from annotation.models.items import ItemTurn, QueueDue, ReviewItem
from annotation.models.questions import GoldQuestion, KnownTurn, ReviewPause
from annotation.models.settings import ReviewSettings, SecondOpinionShare

__all__ = [
    "Annotation",
    "Comparison",
    "ComparisonDue",
    "DisputeCount",
    "AskedAnew",
    "Correction",
    "Dispute",
    "AskedAgain",
    "EntitySpan",
    "EntityType",
    "GoldLabel",
    "GoldQuestion",
    "GroupAnswer",
    "GroupedItem",
    "Grouping",
    "Intent",
    "IntentAlias",
    "IntentChange",
    "IntentExample",
    "ItemTurn",
    "KnownTurn",
    "PersonCount",
    "QueueDue",
    "ReviewItem",
    "ReviewPause",
    "ReviewSettings",
    "SecondOpinionShare",
    "SpanCount",
    "SentBack",
    "SplitPick",
    "TurnGroup",
]
