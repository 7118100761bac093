"""The shape of one intent of the sample bot."""

from dataclasses import dataclass

# A text that looks as if it belonged, and the reason why it does not.
NotThis = tuple[str, str]


@dataclass(frozen=True)
class SampleIntent:
    """`guideline` is Markdown. A critical intent must not get worse with a new model version."""

    name: str
    title: str
    guideline: str
    good: tuple[str, ...]
    bad: tuple[NotThis, ...]
    critical: bool = False
