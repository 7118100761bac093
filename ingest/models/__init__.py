"""What bots sent, and what was made of it.

Rows that many processes may write at once have a primary key that is made from what they
stand for: whoever stores the same thing again meets the row that is there.
"""

from ingest.models.conversations import (
    Completion,
    Conversation,
    ConversationQuerySet,
    Feedback,
    IncomingEvent,
    Text,
    TextQuerySet,
    TextVector,
    Turn,
    TurnQuerySet,
)
from ingest.models.found import (
    SearchEntry,
    Signal,
)
from ingest.models.intake import (
    Delivery,
    Import,
    IntakeSettings,
    Tombstone,
    TombstoneQuerySet,
    of_a_bot,
)

__all__ = [
    "Completion",
    "Conversation",
    "ConversationQuerySet",
    "Delivery",
    "Feedback",
    "Import",
    "IncomingEvent",
    "IntakeSettings",
    "SearchEntry",
    "Signal",
    "Text",
    "TextQuerySet",
    "TextVector",
    "Tombstone",
    "TombstoneQuerySet",
    "Turn",
    "TurnQuerySet",
    "of_a_bot",
]
