"""Which version is live: switching to another, and back."""

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Now

from accounts.models import Bot, User
from accounts.security_log import record
from training.models import Decision, Deployment, ModelVersion


class SomebodyWasFaster(Exception):
    """What is live changed meanwhile. Nothing was done."""


class NothingToGoBackTo(Exception):
    """No version is live, or none was before it, or what was before it was rolled back."""


def live(bot: Bot) -> Deployment | None:
    """What answers for `bot` now; None while nothing was promoted."""
    deployments = Deployment.objects.of(bot).live()
    return deployments.select_related("champion", "previous", "decision", "by").first()


def rolled_back(version: ModelVersion) -> Deployment | None:
    """What took the place of `version` when it was rolled back last; None if it never was."""
    deployments = Deployment.objects.of(version.bot).filter(previous=version, decision=None)
    return deployments.select_related("by").newest_first().first()


def champion_of(bot: Bot) -> ModelVersion | None:
    deployed = live(bot)
    return deployed.champion if deployed else None


def leading_version(bot: Bot) -> ModelVersion | None:
    """By which version turns are chosen and the next one begins: what is live, or what is to come.

    The newest that was made since something went live last, if nobody rejected it: it knows the
    most labels. Otherwise the champion; so nothing follows what was rejected or rolled back.
    """
    champion = champion_of(bot)
    rejected = Decision.objects.of(bot).filter(verdict=Decision.Verdict.REJECT).values("version")
    newer = ModelVersion.objects.of(bot).exclude(pk__in=rejected)
    if champion is not None:
        deployed = Deployment.objects.of(bot).aggregate(last=Max("champion__number"))["last"]
        newer = newer.filter(number__gt=deployed)
    return newer.newest_first().first() or champion


def champion_besides(version: ModelVersion) -> ModelVersion | None:
    """What `version` is judged beside: what is live; where that is itself, what was before."""
    deployed = live(version.bot)
    if deployed is None:
        return None
    other = deployed.previous if deployed.champion == version else deployed.champion
    return ModelVersion.objects.with_what_made_it().get(pk=other.pk) if other else None


def put_live(decision: Decision, *, instead_of: ModelVersion | None) -> Deployment:
    """Let the promoted version answer from now on. Raise SomebodyWasFaster."""
    return _switch(
        decision.bot,
        decision.version,
        instead_of=instead_of,
        by=decision.by,
        reason=decision.reason,
        decision=decision,
    )


@transaction.atomic
def roll_back(bot: Bot, *, by: User, reason: str, deployment_id: int) -> Deployment:
    """Let the version before answer again, if `deployment_id` is still what is live.

    Raise SomebodyWasFaster or NothingToGoBackTo. What was rolled back comes back by a decision.
    """
    deployed = live(bot)
    if deployed is not None and deployed.pk != deployment_id:
        raise SomebodyWasFaster
    if deployed is None or deployed.previous is None or deployed.is_rollback:
        raise NothingToGoBackTo
    back = _switch(
        bot, deployed.previous, instead_of=deployed.champion, by=by, reason=reason, decision=None
    )
    record(
        "version_rolled_back", by=by, bot_id=bot.pk,
        version_id=back.champion_id, instead_of=deployed.champion_id, deployment_id=back.pk,
    )  # fmt: skip
    return back


def _switch(
    bot: Bot,
    champion: ModelVersion,
    *,
    instead_of: ModelVersion | None,
    by: User,
    reason: str,
    decision: Decision | None,
) -> Deployment:
    try:
        with transaction.atomic():
            ended = Deployment.objects.of(bot).live().filter(champion=instead_of)
            if ended.update(until=Now()) != (instead_of is not None):
                raise SomebodyWasFaster
            return Deployment.objects.create(
                bot=bot,
                champion=champion,
                previous=instead_of,
                decision=decision,
                by=by,
                reason=reason,
                since=Now(),
            )
    except IntegrityError as taken:
        # one_live_deployment_per_bot: two who promote the first version at once.
        raise SomebodyWasFaster from taken
