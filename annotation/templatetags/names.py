"""Names that bots give to their intents, on pages."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

JOINTS = re.compile(r"([_./-]+)(?=[^_./-])")


@register.filter
def at_joints(name: str) -> SafeString:
    """Let a long name go on in the next line after an underscore, and not within a word."""
    return mark_safe(JOINTS.sub(r"\1<wbr>", escape(name)))  # noqa: S308  escaped first
