"""Which turns of a page are golden cases, or can become one."""

from django import template

from accounts.models import Bot
from ingest.chat import Chat
from ingest.lines import TurnLine
from training import golden

register = template.Library()


@register.simple_tag
def cases_among(bot: Bot, chat: Chat) -> golden.Cases:
    turns = [line.turn.pk for line in chat.lines if isinstance(line, TurnLine)]
    return golden.cases_among(bot, turns)
