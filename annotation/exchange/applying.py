"""Doing what a plan says, all of it or nothing."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import Bot, User
from accounts.security_log import record
from annotation import wording
from annotation.clashes import Word, lock_words
from annotation.exchange.entries import Pile
from annotation.exchange.planning import MODELS, Plan, Step, plan
from annotation.models import Intent, IntentExample

AT_ONCE = 500  # rows
FIELDS = ("title", "guideline", "colour", "key")


class PlanChanged(Exception):
    """What would be done now is not what was shown. Nothing was stored."""


@transaction.atomic
def apply(bot: Bot, pile: Pile, *, by: User, shown: str) -> Plan:
    """Store what a file says. `shown` is the fingerprint of the plan that somebody agreed to."""
    lock_words(bot)
    agreed = plan(bot, pile)
    if agreed.fingerprint != shown or not agreed.does_something:
        raise PlanChanged
    for kind, model in MODELS.items():
        steps = [step for step in agreed.steps if step.entry.kind == kind]
        words = _change(model, steps) | _make(model, steps, bot=bot, by=by)
        if model is Intent:
            _put_examples(steps, words)
    counts = {"new": len(agreed.new), "changed": len(agreed.changed)}
    record("intents_imported", by=by, bot_id=bot.pk, **counts)
    return agreed


def _change(model: type[Word], steps: Sequence[Step]) -> dict[str, Word]:
    """Words by their name in the file."""
    changed = {step.entry.name: step.word for step in steps if step.word and step.changes}
    fields = [*FIELDS, "critical"] if model is Intent else list(FIELDS)
    keys = [step.word.pk for step in steps if step.word and "key" in step.changes]
    # Two may swap their keys, and the constraint looks at each row by itself.
    model.objects.filter(pk__in=keys).update(key="")
    for step in steps:
        for name, value in step.entry.fields.items():
            if step.word:
                setattr(step.word, name, value)
    model.objects.bulk_update(list(changed.values()), fields, batch_size=AT_ONCE)  # type: ignore[arg-type]
    return changed


def _make(model: type[Word], steps: Sequence[Step], *, bot: Bot, by: User) -> dict[str, Word]:
    rows = [
        model(bot=bot, name=step.entry.name, created_by=by, **step.entry.fields)
        for step in steps
        if step.is_new
    ]
    made = model.objects.bulk_create(rows, batch_size=AT_ONCE)  # type: ignore[arg-type]
    return {word.name: word for word in made}


def _put_examples(steps: Sequence[Step], intents: dict[str, Word]) -> None:
    wanted = [step for step in steps if step.is_new or step.changes_examples]
    old = [step.word.pk for step in wanted if step.word]
    IntentExample.objects.filter(intent__in=old).delete()
    rows: list[IntentExample] = []
    for step in wanted:
        intent = intents[step.entry.name]
        if isinstance(intent, Intent):
            rows += wording.examples(intent, step.entry.good or [], step.entry.bad or [])
    IntentExample.objects.bulk_create(rows, batch_size=AT_ONCE)
