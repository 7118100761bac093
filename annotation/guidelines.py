"""Guidelines: Markdown that people wrote, as HTML that can do no harm."""

import re
from dataclasses import dataclass
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from annotation.models import EntityType, Intent, IntentExample

SCHEMES = {"http", "https", "mailto"}
# In full: without its slashes, a browser would look for an address on our side.
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s/]", re.I)
# The page has headings of its own, and the levels beneath them must not skip one.
HEADING = "h3"
# More of a kind would fill the drawer; the intent's own page has them all.
MOST_EXAMPLES_BESIDE = 20


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "typographer": False})
    markdown.enable(["table", "strikethrough"]).disable("image")
    markdown.core.ruler.push("headings", _level_headings)
    markdown.validateLink = _leads_to_allowed  # type: ignore[method-assign]
    return markdown


def _level_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = HEADING


def _leads_to_allowed(url: str) -> bool:
    """Whether a link may be one; what may not stays the text that was typed."""
    return ADDRESS.match(url) is not None


MARKDOWN = _markdown()
# The second lock: whatever the first let through, no more than this leaves here.
CLEANER = nh3.Cleaner(
    tags={
        *("p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", HEADING),
        *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
    },
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    url_schemes=SCHEMES,
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)


def render(markdown: str) -> SafeString:
    """HTML of a guideline. Markup in it is shown as it was typed, and does nothing."""
    html = CLEANER.clean(MARKDOWN.render(markdown))
    return mark_safe(html)  # noqa: S308  cleaned on the line above


@dataclass(frozen=True)
class Guideline:
    """What somebody reads before they choose: templates/annotation/_guideline.html."""

    word: Intent | EntityType
    html: SafeString
    good: list[IntentExample]
    bad: list[IntentExample]
    left_out: int = 0  # examples that were not read

    @property
    def is_empty(self) -> bool:
        return not (self.html or self.good or self.bad)


def of_intent(intent: Intent, *, most: int | None = None) -> Guideline:
    """The guideline with its examples, at most `most` of those that belong and of the others."""
    rows = list(intent.examples.all())
    good = [row for row in rows if row.belongs]
    bad = [row for row in rows if not row.belongs]
    shown: dict[str, Any] = {"good": good[:most], "bad": bad[:most]}
    left_out = len(rows) - len(shown["good"]) - len(shown["bad"])
    return Guideline(intent, render(intent.guideline), **shown, left_out=left_out)


def of_entity_type(entity_type: EntityType) -> Guideline:
    return Guideline(entity_type, render(entity_type.guideline), good=[], bad=[])
