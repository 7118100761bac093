"""Why a turn deserves a look: rules over the stored rows of one conversation.

What is found depends on these rows and on the bot's weights and thresholds alone: never on the
order in which events came, and never on the clock.
"""

from ingest.signals.finding import Found, heaviest, kinds_of, signals_of
from ingest.signals.rows import FeedbackRow, Transcript, TurnRow
from ingest.signals.rules import RULES, Rule, Threshold
from ingest.signals.tuning import Tuned, differences, rules_of

__all__ = [
    "RULES",
    "FeedbackRow",
    "Found",
    "Rule",
    "Threshold",
    "Transcript",
    "Tuned",
    "TurnRow",
    "differences",
    "heaviest",
    "kinds_of",
    "rules_of",
    "signals_of",
]
