"""Golden cases go along when intents are merged or split, and what is live is told of."""

from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from annotation.carrying import CARRIERS, Carrier
from annotation.models import GoldLabel, Intent, IntentChange
from training import deploying
from training.models import GoldenCase

Kind = IntentChange.Kind

STAYS = "A golden case of “{name}” was archived or kept anew since, and stays as it is."
LIVE = (
    "Version {number}, which is live, has learned “{name}” and goes on answering it until another "
    "version is trained and promoted."
)


def count(intent: Intent) -> int:
    return GoldenCase.objects.of(intent.bot).in_use().filter(intent=intent).count()


def carry(change: IntentChange) -> list[list[int]]:
    """Keep cases anew with the other intent: pairs of the archived one and the new one.

    Of a split those go along whose turn did. Done twice, it finds nothing the second time.
    """
    cases = GoldenCase.objects.of(change.bot).in_use().filter(intent=change.intent)
    if change.kind == Kind.SPLIT:
        moved = GoldLabel.objects.current().filter(change=change).values("turn")
        cases = cases.filter(turn__in=moved)
    return [[case.pk, _keep_anew(case, change)] for case in cases.order_by("pk")]


def _keep_anew(case: GoldenCase, change: IntentChange) -> int:
    older = GoldenCase.objects.filter(pk=case.pk)
    older.update(archived_at=Now(), archived_by=change.created_by)
    case.pk = None
    case.intent = change.into
    case.save(force_insert=True)
    return case.pk


def bring_back(change: IntentChange, pairs: Any, by: User) -> list[str]:
    """Let the older cases be asked again, unless somebody has archived the newer since."""
    told = []
    for older, newer in pairs:
        in_use = GoldenCase.objects.in_use().filter(pk=newer, intent=change.into)
        if in_use.update(archived_at=Now(), archived_by=by):
            GoldenCase.objects.filter(pk=older).update(archived_at=None, archived_by=None)
        elif GoldenCase.objects.filter(Q(pk=older) | Q(pk=newer)).exists():  # else it was erased
            told.append(STAYS.format(name=change.old_name))
    return told


def notes(intent: Intent) -> list[str]:
    """What is live, and has learned the intent."""
    live = deploying.champion_of(intent.bot)
    if live is None or live.run.dataset is None:
        return []
    learned = live.run.dataset.intents.filter(intent=intent, train_count__gt=0)
    if not learned.exists():
        return []
    return [LIVE.format(number=live.number, name=intent.name)]


CARRIERS.append(Carrier("Golden cases", count, carry, bring_back, notes))
