"""training/rewriting.py: what was erased goes from Git and its history."""

import pytest
from django.core.management import call_command

from ingest.leaving import delete_conversations
from jobs import work
from jobs.requesting import request
from tests.training.saying import label
from training import git_store, rewriting
from training.freezing import freeze
from training.models import DatasetVersion
from training.reading import rows_of
from training.rewriting import rewrite


@pytest.fixture
def three(bot, annotator, lisbon, lost):
    """Three versions; what is erased came with the second."""
    freeze(bot, by=annotator)
    gone = label(bot, annotator, "erase me please", lost)
    freeze(bot, by=annotator)
    label(bot, annotator, "another one", lost)
    freeze(bot, by=annotator)
    delete_conversations(bot, [gone.turn.conversation_id])
    return list(DatasetVersion.objects.of(bot).order_by("number"))


def everything(git):
    """The content of every object that there is, reachable or not."""
    keys = git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    return "\n".join(git("cat-file", "-p", key) for key in keys)


def test_no_object_has_it_any_more(three, bot, git):
    assert "erase me" in everything(git)

    assert rewrite(bot) == 2

    assert "erase me" not in everything(git)
    assert git("fsck", "--strict", "--full") == ""
    assert git("rev-list", "--count", "bank-bot") == "3"


def test_versions_before_it_keep_their_commits_and_later_ones_say_their_new(three, bot, git):
    rewrite(bot)

    now = list(DatasetVersion.objects.of(bot).order_by("number"))
    assert now[0].commit == three[0].commit
    assert now[1].commit != three[1].commit
    for version in now:
        assert git("rev-parse", f"{version.tag}^{{commit}}") == version.commit
        assert version.erased_in_git == version.erased_count


def test_what_git_has_packed_goes_too(three, bot, git):
    git("gc", "--prune=now", "-q")

    rewrite(bot)

    assert "erase me" not in everything(git)
    assert git("fsck", "--strict", "--full") == ""


def test_where_nothing_was_erased_nothing_is_done(bot, annotator, lisbon):
    version = freeze(bot, by=annotator)

    assert rewrite(bot) == 0
    assert DatasetVersion.objects.get().commit == version.commit


def test_a_version_that_has_nothing_of_it_leaves_its_old_history_too(
    bot, annotator, lisbon, lost, git
):
    gone = label(bot, annotator, "erase me please", lost)
    freeze(bot, by=annotator)
    type(gone).objects.filter(pk=gone.pk).update(withdrawn_at=gone.created_at)
    label(bot, annotator, "another one", lost)
    freeze(bot, by=annotator)
    delete_conversations(bot, [gone.turn.conversation_id])

    rewrite(bot)

    assert "erase me" not in everything(git)


def test_killed_half_way_it_is_done_by_the_next(three, bot, git, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*arguments, **named):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(git_store.GitStore, "forget_unreachable", killed)
        rewriting.rewrite(bot)

    assert rewrite(bot) == 2
    assert "erase me" not in everything(git)


def test_the_rows_are_read_as_before(three, bot):
    rewrite(bot)

    assert [len(list(rows_of(each, side="train"))) for each in three] == [2, 2, 3]


def test_it_is_done_at_night(three, bot, git):
    work.run(request("clean_datasets").pk)

    assert "erase me" not in everything(git)


def test_it_is_done_by_a_command(three, git, capsys):
    call_command("rewrite_datasets")

    assert "2 dataset versions" in capsys.readouterr().out
    assert "erase me" not in everything(git)
