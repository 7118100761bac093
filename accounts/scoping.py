"""What belongs to one bot, and how to read no more than that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from accounts.models import Bot

Row = TypeVar("Row", bound=models.Model, covariant=True)


class BotOwnedQuerySet(models.QuerySet[Row]):
    def of(self, bot: Bot) -> Self:
        return self.filter(bot=bot)


class BotOwned(models.Model):
    """A row of one bot, for ever. Read it through `.objects.of(bot)`."""

    bot = models.ForeignKey("accounts.Bot", models.PROTECT, related_name="+")

    class Meta:
        abstract = True
