"""Sends a bot's turns to learnloop, and asks it what users mean."""

from learnloop_client.answers import (
    Alternative,
    Entity,
    NoVersion,
    Prediction,
    Receipt,
    Refused,
    Unreachable,
)
from learnloop_client.batching import Batch
from learnloop_client.client import Client
from learnloop_client.events import Event, Question, Said
from learnloop_client.retrying import Retry

__all__ = [
    "Alternative",
    "Batch",
    "Client",
    "Entity",
    "Event",
    "NoVersion",
    "Prediction",
    "Question",
    "Receipt",
    "Refused",
    "Retry",
    "Said",
    "Unreachable",
]
