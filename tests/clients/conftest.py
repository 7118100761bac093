"""A running server for those who talk to it as bots do."""

from tests.ingest.served import served, web  # noqa: F401
