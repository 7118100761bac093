"""Cases that every version is asked: keeping them, and letting go of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.shortcuts import get_object_or_404

from accounts.models import Bot, User
from accounts.security_log import record
from annotation.models import GoldLabel, Intent
from ingest.models import Turn
from training.models import GoldenCase

MOST = 500  # cases of a bot in use
MOST_TEXTS = 20
Kind = GoldenCase.Kind


class AlreadyKept(Exception):
    """A case of this turn is in use."""


class TooMany(Exception):
    """As many cases are in use as may be."""


class NothingToKeep(Exception):
    """The turn has no words, or nobody has said what it means."""


@transaction.atomic
def keep(
    bot: Bot,
    *,
    by: User,
    kind: GoldenCase.Kind,
    texts: Sequence[str],
    intent: Intent | None = None,
    rises: bool = True,
    must_pass: bool = False,
    why: str = "",
    turn: Turn | None = None,
) -> GoldenCase:
    """Ask this of every version from now on. Raise AlreadyKept or TooMany."""
    if GoldenCase.objects.of(bot).in_use().count() >= MOST:
        raise TooMany
    try:
        with transaction.atomic():
            case = GoldenCase.objects.create(
                bot=bot,
                kind=kind,
                texts=list(texts),
                intent=None if kind == Kind.INVARIANCE else intent,
                rises=rises,
                must_pass=must_pass,
                why=why,
                turn=turn,
                created_by=by,
            )
    except IntegrityError as taken:
        raise AlreadyKept from taken
    record("golden_case_kept", by=by, bot_id=bot.pk, golden_case_id=case.pk)
    return case


def keep_turn(bot: Bot, turn_id: UUID, *, by: User) -> GoldenCase:
    """Make a case of a turn as it was labelled. Raise NothingToKeep, AlreadyKept or TooMany."""
    turn = get_object_or_404(Turn.objects.of(bot), pk=turn_id)
    gold = GoldLabel.objects.usable().filter(turn=turn).select_related("intent").first()
    if gold is None or not turn.text:
        raise NothingToKeep
    return keep(bot, by=by, kind=Kind.EXACT, texts=[turn.text], intent=gold.intent, turn=turn)


@dataclass(frozen=True)
class Cases:
    """Of some turns: those of which a case is in use, and those of which one could be made."""

    kept: frozenset[UUID]
    possible: frozenset[UUID]


def cases_among(bot: Bot, turns: Sequence[UUID]) -> Cases:
    in_use = GoldenCase.objects.of(bot).in_use().filter(turn__in=turns)
    labelled = GoldLabel.objects.of(bot).usable().filter(turn__in=turns).exclude(turn__text="")
    kept = frozenset(in_use.values_list("turn", flat=True))
    return Cases(kept, frozenset(labelled.values_list("turn", flat=True)) - kept)


@transaction.atomic
def archive(case: GoldenCase, *, by: User) -> None:
    """Ask no version any more. Twice does no harm."""
    mine = GoldenCase.objects.filter(pk=case.pk).in_use()
    if mine.update(archived_at=Now(), archived_by=by):
        record("golden_case_archived", by=by, bot_id=case.bot_id, golden_case_id=case.pk)
