"""On which side a conversation stands: what trains, or what only tests."""

from typing import Literal
from uuid import UUID

Side = Literal["train", "audit"]


def side_of(conversation: UUID, *, audit_share: float) -> Side:
    """Say on which side the conversation belongs, for ever.

    The side depends on its key and on the share of the day it is first heard of, which is
    stored with it as the chance it had. The key is a keyed hash, so its digits are as good as
    dice, and nothing that was said has a say. `audit_share` lies in [0, 1].
    """
    dice = int.from_bytes(conversation.bytes[:8]) / 2**64
    return "audit" if dice < audit_share else "train"
