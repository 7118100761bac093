"""What tests of the intake may ask for besides the cast."""

from tests.ingest.served import served, web  # noqa: F401
