"""Freezes the gold labels of a bot as a dataset version, in the database and in Git.

1. Choose among them, in temporary tables (choosing, placing).
2. Write the version, copy its rows in, count them. From then on it never changes.
3. Write it to Git, which gives the same commit however often it is done.
4. Say so in its row.

Whoever is killed leaves something that the next one goes on with: after 1 nothing, after 2 a
version without a commit, after 3 a commit whose version does not know it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.db import Error as DatabaseTrouble
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import Bot, User
from annotation.models import Annotation, GoldLabel, IntentChange
from ml.growth import most_expected
from training import choosing, filing, git_store, placing
from training.choosing import Progress, run
from training.models import DatasetIntent, DatasetVersion, Fate
from training.placing import Called, Writing

__all__ = ["IntentsChange", "TooLittle", "alone", "freeze", "label_of"]

LOCK = 0x66727A65  # with the bot's id; nothing else of ours locks such a pair
FEWEST_INTENTS = 2
# Not what was erased: somebody may be erased in this moment.
COUNTED = (
    *("train_count", "audit_count", "left_out_count", "clash_count"),
    *("busiest", "manifest", "frozen_at"),
)

NOTHING = (
    "There is nothing to freeze: no turn of this bot has a label yet. Answer turns under Review; "
    "each accepted answer is a label."
)
ONLY_AUDIT = (
    "There is nothing to train on: each usable label is of the audit, which only tests. Answer "
    "turns of the other lanes under Review."
)
ONE_INTENT = (
    "The labels hold only one intent to train on: {name}. Answer turns of at least two under "
    "Review, then freeze again."
)
NO_INTENT = (
    "The labels hold no intent to train on: all that is usable is out of scope. Answer turns of "
    "at least two intents under Review, then freeze again."
)


STOPPED_HALF_WAY = (
    "Nothing was frozen: the {kind} of the intent “{name}” stopped half way. Go on with it, or "
    "undo it, under Intents, Changes; then try again."
)


class TooLittle(Exception):
    """There is not enough to freeze. `str()` of it says what is missing and where to get it."""


class IntentsChange(Exception):
    """Labels are being moved from one intent to another. `str()` of it says what to do."""

    def __init__(self, change: IntentChange) -> None:
        super().__init__(STOPPED_HALF_WAY.format(kind=change.kind, name=change.old_name))
        self.will_end = not change.was_stopped


def silently(done: int, total: int, message: str) -> None:
    """Tell nobody how far the work is."""


def freeze(
    bot: Bot,
    *,
    by: User | None,
    on_progress: Progress = silently,
    writing: Writing = transaction.atomic,
) -> DatasetVersion:
    """Freeze what is labelled now; the newest version as it is if that would be the same again.

    Each transaction is opened by `writing`. Raise TooLittle, or git_store.TagTaken. One that was
    begun and not ended is ended first, and is then the one that is returned.
    """
    with alone(bot):
        version = _begun(bot) or _frozen(bot, by=by, on_progress=on_progress, writing=writing)
        return _sealed(version, on_progress=on_progress, writing=writing)


@contextmanager
def alone(bot: Bot) -> Iterator[None]:
    """Wait until nobody else writes versions of `bot`. Whoever is killed lets go of it."""
    run("SELECT pg_advisory_lock(%s, %s)", [LOCK, bot.pk])
    try:
        yield
    finally:
        with suppress(DatabaseTrouble):  # then the connection ends, and the lock with it
            run("SELECT pg_advisory_unlock(%s, %s)", [LOCK, bot.pk])


def _begun(bot: Bot) -> DatasetVersion | None:
    """The version that only Git lacks. One whose rows are not all there goes."""
    unsealed = DatasetVersion.objects.of(bot).unsealed()
    for torn in unsealed.filter(frozen_at=None):
        _forget(torn)
    return unsealed.select_related("bot", "before", "created_by").first()


def _forget(version: DatasetVersion) -> None:
    """Take back one that nobody has used."""
    with transaction.atomic():
        run("DELETE FROM training_datasetrow WHERE version_id = %s", [version.pk])
        version.delete()


# ── freezing ──────────────────────────────────────────────────────────────────────────


def _frozen(
    bot: Bot, *, by: User | None, on_progress: Progress, writing: Writing
) -> DatasetVersion:
    if not GoldLabel.objects.of(bot).current().exists():
        raise TooLittle(NOTHING)
    before = DatasetVersion.objects.of(bot).sealed().newest_first().first()
    began = _refuse_while_intents_change(bot, since=None)
    with choosing.chosen(bot, on_progress=on_progress):
        _refuse_while_intents_change(bot, since=began)
        expected = _quarantine(before)
        called = placing.place(bot)
        _refuse_too_little(called)
        version = _begin(bot, called, expected, before=before, by=by, writing=writing)
        placing.copy_rows(version, writing=writing, on_progress=on_progress)
        _complete(version, writing=writing)
    return version


def _refuse_while_intents_change(bot: Bot, *, since: datetime | None) -> datetime:
    """Raise IntentsChange if labels are being moved, or were `since` then; when it is now.

    The clock is the database's. What was read while they moved is half of the one and half of the
    other.
    """
    ((now,),) = run("SELECT clock_timestamp()")
    changes = IntentChange.objects.of(bot)
    moving = changes.under_way().select_related("job").first()
    if moving is None and since is not None:
        ended = Q(done_at__gte=since) | Q(undone_at__gte=since)
        moving = changes.filter(ended).select_related("job").first()
    if moving is not None:
        raise IntentsChange(moving)
    return now  # type: ignore[no-any-return]


def _quarantine(before: DatasetVersion | None) -> dict[int, float]:
    """Hold back what is new of labels that grew too fast; up to where each was expected to.

    What was held back and looked at since counts as if it had been there.
    """
    if before is None:
        return {}
    known, now = _looked_at(before), choosing.training_rows()
    for source, into, rows in choosing.moved_since(before):
        for label, more in ((source, -rows), (into, rows)):
            if label in known:
                known[label] = max(known[label] + more, 0)
    labels = sorted(set(known) & set(now))
    most = most_expected([known[each] for each in labels], [now[each] for each in labels])
    grown = {
        each: float(limit) for each, limit in zip(labels, most, strict=True) if now[each] > limit
    }
    choosing.hold_back(list(grown), before=before)
    return grown


def _looked_at(before: DatasetVersion) -> dict[int, int]:
    usable = before.intents.exclude(verdict=Annotation.Verdict.UNUSABLE)
    return {
        called.intent_id or 0: called.train_count
        + (called.quarantined_count if called.lifted_at else 0)
        for called in usable
    }


def _refuse_too_little(called: list[Called]) -> None:
    rows = choosing.training_rows()
    names = [each.name for each in called if each.intent and rows.get(each.label)]
    if not rows:
        raise TooLittle(ONLY_AUDIT)
    if not names:
        raise TooLittle(NO_INTENT)
    if len(names) < FEWEST_INTENTS:
        raise TooLittle(ONE_INTENT.format(name=names[0]))


def _begin(
    bot: Bot,
    called: list[Called],
    expected: dict[int, float],
    *,
    before: DatasetVersion | None,
    by: User | None,
    writing: Writing,
) -> DatasetVersion:
    with writing():
        last = DatasetVersion.objects.of(bot).aggregate(last=Max("number"))["last"] or 0
        version = DatasetVersion.objects.create(
            bot=bot,
            number=last + 1,
            created_by=by,
            before=before,
            entity_types=placing.entity_types_of(bot),
        )
        DatasetIntent.objects.bulk_create(
            DatasetIntent(
                version=version,
                place=place,
                verdict=each.verdict,
                intent_id=each.intent,
                name=each.name,
                first_row=each.first_row,
                last_row=each.last_row,
                expected=expected.get(each.label),
            )
            for place, each in enumerate(called)
        )
    return version


def _complete(version: DatasetVersion, *, writing: Writing) -> None:
    """Count what was copied, and say that these are all."""
    intents = _counted(version)
    version.train_count = sum(each.train_count for each in intents)
    version.audit_count = sum(each.audit_count for each in intents)
    version.left_out_count = sum(each.left_out_count for each in intents)
    version.clash_count = placing.clashes_of(version)
    version.busiest = placing.busiest(of=version.train_count)
    version.manifest = filing.manifest_of(version, intents)
    version.frozen_at = timezone.now()
    with writing():
        DatasetIntent.objects.bulk_update(intents, ["train_count", "audit_count", "left_out"])
        version.save(update_fields=COUNTED)


def _counted(version: DatasetVersion) -> list[DatasetIntent]:
    intents = {called.pk: called for called in version.intents.order_by("place")}
    for of, side, fate, rows in placing.counts_of(version):
        called = intents[of]
        if fate != Fate.KEPT:
            said = str(fate)
            called.left_out[said] = called.left_out.get(said, 0) + rows
        elif side == "train":
            called.train_count += rows
        else:
            called.audit_count += rows
    return list(intents.values())


# ── sealing ───────────────────────────────────────────────────────────────────────────


def _sealed(version: DatasetVersion, *, on_progress: Progress, writing: Writing) -> DatasetVersion:
    """Write the version to Git, unless it says what the one before it says."""
    on_progress(0, 0, "Writing to Git")
    before, erased = version.before, _erased(version)
    with git_store.opened() as store:
        files = store.put_files(filing.files_of(version))
        if before and before.tree == files.tree:
            with writing():
                _forget(version)
            return before
        label = label_of(version, after=before.commit if before else "")
        # What was written before somebody was erased is in no version that anybody has used.
        commit = store.commit(files.tree, label, replacing=erased > 0)
    with writing():
        DatasetVersion.objects.filter(pk=version.pk, sealed_at=None).update(
            tree=files.tree,
            commit=commit,
            tag=label.tag,
            content_hash=files.content_hash,
            erased_in_git=erased,
            sealed_at=timezone.now(),
        )
    version.refresh_from_db()
    return version


def _erased(version: DatasetVersion) -> int:
    """Read before the rows are: who is erased meanwhile may still be written."""
    version.refresh_from_db(fields=["erased_count"])
    return version.erased_count


def label_of(version: DatasetVersion, *, after: str) -> git_store.Label:
    """What its commit says, which comes from the row alone."""
    slug = version.bot.slug
    rows = f"{version.train_count} to train on, {version.audit_count} that only test"
    return git_store.Label(
        branch=slug,
        tag=f"{slug}/v{version.number}",
        author=version.created_by.username if version.created_by else "learnloop",
        at=version.created_at,
        message=f"{slug}: Freeze version {version.number}.\n\n{rows}.\n",
        after=after,
    )
