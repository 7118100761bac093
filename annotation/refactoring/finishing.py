"""The job of a change: labels move, or move back, and then the rest is put in order.

Each slice is stored with what is left to do, so whoever is killed leaves something that the next
one goes on with.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.db.models.functions import Now

from annotation import carrying
from annotation.models import IntentChange, SplitPick
from annotation.refactoring import asking, moving, restoring
from annotation.refactoring.moving import Progress, Writing

Kind, State = IntentChange.Kind, IntentChange.State

Finishing = Callable[[], AbstractContextManager[None]]


def work_on(
    change: IntentChange, *, writing: Writing, finishing: Finishing, on_progress: Progress
) -> None:
    """Do what is left of `change`, or of undoing it; nothing where nothing is."""
    if change.state == State.WORKING:
        _carry_out(change, writing=writing, on_progress=on_progress)
        with finishing():
            _complete(change)
    elif change.state == State.UNDOING:
        _undo(change, writing=writing, on_progress=on_progress)
        with finishing():
            restoring.put_back(change)


def _carry_out(change: IntentChange, *, writing: Writing, on_progress: Progress) -> None:
    moving.move(change, writing=writing, on_progress=on_progress)
    if change.ask_again:
        asking.ask_again(change, writing=writing, on_progress=on_progress)


def _complete(change: IntentChange) -> None:
    carried = [each.carry(change) for each in carrying.CARRIERS]
    SplitPick.objects.filter(change=change).delete()
    mine = IntentChange.objects.filter(pk=change.pk)
    before = {**mine.get().before, "carried": carried}
    mine.update(state=State.DONE, done_at=Now(), before=before)


def _undo(change: IntentChange, *, writing: Writing, on_progress: Progress) -> None:
    if change.ask_again:
        asking.ask_no_more(change, writing=writing, on_progress=on_progress)
    moving.move_back(change, writing=writing, on_progress=on_progress)
