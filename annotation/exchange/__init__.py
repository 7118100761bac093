"""Intents and entity types as files: out, and in again without loss."""
