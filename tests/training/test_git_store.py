"""training/git_store.py, filing.py: what plain Git reads of a version."""

import json
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import transaction

from annotation.models import GoldLabel
from tests.factories import make_bot, make_intent
from tests.training.saying import label, label_many
from training import filing, freezing, git_store
from training.filing import file_name
from training.freezing import freeze
from training.models import DatasetRow, DatasetVersion


def lines(git, name):
    return [json.loads(line) for line in git("show", name).splitlines()]


# ── what Git reads ────────────────────────────────────────────────────────────────────


def test_a_version_is_a_commit_and_a_tag(git, bot, annotator, lisbon, lost):
    label(bot, annotator, "gone", lost, side="audit", chance=0.02)

    version = freeze(bot, by=annotator)

    assert git("rev-parse", "bank-bot", "bank-bot/v1^{commit}").split() == [version.commit] * 2
    assert git("rev-parse", "bank-bot/v1^{tree}") == version.tree
    assert (version.tag, version.sealed_at is not None) == ("bank-bot/v1", True)
    assert git("log", "--format=%an|%s|%ct", "bank-bot") == (
        f"ana|bank-bot: Freeze version 1.|{int(version.created_at.timestamp())}"
    )
    assert git("ls-tree", "-r", "--name-only", "bank-bot").splitlines() == [
        "audit/card_lost.jsonl",
        "manifest.json",
        "nlu/card_lost.jsonl",
        "nlu/card_stolen.jsonl",
    ]
    assert git("fsck", "--strict", "--full") == ""


def test_a_line_holds_a_row_with_sorted_keys(git, bot, annotator, lisbon):
    freeze(bot, by=annotator)

    (line,) = git("show", "bank-bot/v1:nlu/card_lost.jsonl").splitlines()

    said = json.loads(line)
    assert list(said) == sorted(said)
    assert (said["id"], said["text"], said["intent"]) == (
        str(lisbon[0].turn_id),
        "I left my card in Lisbon",
        "card_lost",
    )


def test_rows_are_sorted_by_text(git, bot, annotator, lisbon, lost):
    label_many(bot, annotator, lost, 12)

    freeze(bot, by=annotator)

    said = [each["text"] for each in lines(git, "bank-bot:nlu/card_lost.jsonl")]
    assert said == sorted(said)


def test_the_manifest_counts_and_says_the_rules(git, bot, annotator, lisbon, lost):
    label(bot, annotator, "I left my card in Lisbon!", lost)

    version = freeze(bot, by=annotator)

    manifest = json.loads(git("show", "bank-bot:manifest.json"))
    assert manifest == version.manifest
    assert manifest["rows"] == {"train": 2, "audit": 0}
    assert manifest["left_out"] == {"same": 1}
    assert manifest["rules"]["most_of_a_source"] == 5
    assert [each["file"] for each in manifest["intents"]] == [
        "card_lost.jsonl",
        "card_stolen.jsonl",
    ]


def test_each_version_follows_the_one_before(git, bot, annotator, lisbon, lost):
    first = freeze(bot, by=annotator)
    label(bot, annotator, "another", lost)

    second = freeze(bot, by=None)

    assert git("log", "--format=%H %an", "bank-bot").splitlines() == [
        f"{second.commit} learnloop",
        f"{first.commit} ana",
    ]
    assert "another" in git("diff", "bank-bot/v1", "bank-bot/v2")
    assert git("fsck", "--strict", "--full") == ""


def test_bots_share_a_repository_and_no_history(git, bot, other_bot, annotator, lisbon):
    label(other_bot, annotator, "fly", make_intent(other_bot, "fly"))
    label(other_bot, annotator, "stay", make_intent(other_bot, "stay"))

    freeze(bot, by=annotator)
    freeze(other_bot, by=annotator)

    assert git("tag").splitlines() == ["bank-bot/v1", "travel-bot/v1"]
    assert git("rev-list", "--count", "travel-bot") == "1"


def test_nothing_that_was_redacted_and_no_person_of_ours_is_in_a_file(
    git, bot, annotator, lisbon, lost
):
    label(bot, annotator, "gone", lost, answer={"better_answer": "mail ana@example.org"})

    freeze(bot, by=annotator)

    files = git("grep", "-I", "", "bank-bot")
    assert "example.org" not in files
    assert "⟨email⟩" in files
    assert "ana" not in files.replace("analyse", "").lower().split()


# ── the same labels, the same tree ────────────────────────────────────────────────────


def test_the_same_labels_stored_in_another_order_give_the_same_tree(bot, annotator, lost, stolen):
    """As on another machine, whose rows have other numbers."""
    for intent in (stolen, lost):
        label_many(bot, annotator, intent, 9, user="11111111-1111-1111-1111-111111111111")
        label_many(bot, annotator, intent, 6, words="I would like to know about")
    first = freeze(bot, by=annotator)
    _forget(bot)
    _store_again_backwards(bot)

    second = freeze(bot, by=None)

    assert (second.tree, second.content_hash) == (first.tree, first.content_hash)
    assert second.manifest == first.manifest


def _forget(bot):
    DatasetRow.objects.all().delete()
    for each in DatasetVersion.objects.all():
        each.intents.all().delete()
        each.delete()


def _store_again_backwards(bot):
    """The same gold labels under other numbers."""
    rows = list(GoldLabel.objects.of(bot).order_by("-pk"))
    GoldLabel.objects.of(bot).delete()
    for row in rows:
        row.pk = None
        row.save(force_insert=True)


# ── names ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("card_lost", "card_lost.jsonl"),
        ("card lost?", "card%20lost%3F.jsonl"),
        ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd.jsonl"),
        (".git", "%2Egit.jsonl"),
        ("-rf", "%2Drf.jsonl"),
        ("CON", "%43ON.jsonl"),
        ("con.fused", "%63on.fused.jsonl"),
        ("confused", "confused.jsonl"),
        ("~out-of-scope", "%7Eout-of-scope.jsonl"),
        ("a\\b:c", "a%5Cb%3Ac.jsonl"),
        ("günlük", "g%C3%BCnl%C3%BCk.jsonl"),
    ],
)
def test_any_name_of_an_intent_becomes_a_safe_one(name, file):
    assert file_name("intent", name) == file


def test_long_names_are_cut_and_still_differ():
    names = [file_name("intent", "余" * 119 + last) for last in "あい"]

    assert len(set(names)) == 2
    assert all(len(name) < 150 for name in names)


def test_odd_names_are_read_by_git(git, bot, annotator):
    for name in ("../x", ".git", "a/b", "余", "GIT~1", "CON"):
        label(bot, annotator, f"about {name}", make_intent(bot, name))
    label(bot, annotator, "about nothing")

    freeze(bot, by=annotator)

    assert git("fsck", "--strict", "--full") == ""
    assert len(git("ls-tree", "-r", "--name-only", "bank-bot:nlu").splitlines()) == 7


@pytest.mark.parametrize("name", ["", "<>", "a <b>\nc", "余"])
def test_an_author_stays_in_its_line(git, name):
    at = datetime(2026, 5, 9, tzinfo=UTC)
    with git_store.opened() as store:
        files = store.put_files([("a", [b"b"])])
        label = git_store.Label("bank", "bank/v1", name, at, "m", "")
        store.commit(files.tree, label)

    assert len(git("log", "--format=%an", "bank").splitlines()) == 1
    assert git("fsck", "--strict", "--full") == ""


# ── stopped half way ──────────────────────────────────────────────────────────────────


class Killed(BaseException):
    pass


def killed(*arguments, **named):
    raise Killed


def test_killed_while_rows_are_copied_it_begins_anew(bot, annotator, lisbon, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(freezing, "_complete", killed)
        freeze(bot, by=annotator)

    version = freeze(bot, by=annotator)

    assert (version.number, DatasetVersion.objects.count()) == (1, 1)
    assert DatasetRow.objects.count() == 2


def test_killed_before_git_it_goes_on_with_what_was_frozen(
    bot, annotator, lisbon, lost, monkeypatch, git
):
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(git_store.GitStore, "put_files", killed)
        freeze(bot, by=annotator)
    label(bot, annotator, "labelled meanwhile", lost)

    version = freeze(bot, by=annotator)

    assert (version.number, version.train_count) == (1, 2)
    assert git("rev-parse", "bank-bot/v1^{commit}") == version.commit


def test_killed_between_git_and_the_database_the_commit_is_taken(
    bot, annotator, lisbon, monkeypatch, git
):
    commit = git_store.GitStore.commit
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(
            git_store.GitStore,
            "commit",
            lambda *arguments, **named: killed(commit(*arguments, **named)),
        )
        freeze(bot, by=annotator)
    written = git("rev-parse", "bank-bot")

    version = freeze(bot, by=annotator)

    assert version.commit == written
    assert git("rev-list", "--count", "bank-bot") == "1"


def test_what_a_killed_writer_had_locked_is_free_again(bot, annotator, lisbon, datasets):
    with git_store.opened():
        pass
    (datasets / "refs" / "heads").mkdir(exist_ok=True, parents=True)
    (datasets / "refs" / "heads" / "bank-bot.lock").touch()

    assert freeze(bot, by=annotator).sealed_at


def test_a_tag_of_other_files_is_never_written_over(bot, annotator, lisbon, lost, git):
    freeze(bot, by=annotator)
    _forget(bot)  # as after a backup of the database alone
    label(bot, annotator, "another", lost)

    with pytest.raises(git_store.TagTaken, match="bank-bot/v1 already"):
        freeze(bot, by=annotator)

    assert git("rev-list", "--count", "bank-bot") == "1"


def test_a_lost_repository_begins_anew(bot, annotator, lisbon, lost, git, settings, tmp_path):
    freeze(bot, by=annotator)
    settings.DATASETS = tmp_path / "new.git"
    label(bot, annotator, "another", lost)

    version = freeze(bot, by=annotator)

    new = ["git", "-c", "safe.directory=*", "-C", str(settings.DATASETS)]
    assert subprocess.run([*new, "fsck", "--strict"], check=True)
    counted = subprocess.check_output([*new, "rev-list", "--count", version.commit])
    assert counted.strip() == b"1"


def test_every_write_to_a_version_is_fenced(bot, annotator, lisbon):
    opened = []

    @contextmanager
    def writing():
        with transaction.atomic():
            opened.append(1)
            yield

    freeze(bot, by=annotator, writing=writing)

    assert len(opened) == 4  # begun, rows, counted, sealed


def test_one_intent_is_in_memory_at_a_time(bot, annotator, lisbon):
    version = freeze(bot, by=annotator)

    files = filing.files_of(version)

    assert next(files)[0] == "manifest.json"
    assert next(files)[0] == "nlu/card_lost.jsonl"
    files.close()


def test_a_bot_of_another_name_has_a_branch_of_its_own(git, annotator):
    bot = make_bot("Bänk", "b-nk-2")
    label(bot, annotator, "one", make_intent(bot, "one"))
    label(bot, annotator, "two", make_intent(bot, "two"))

    freeze(bot, by=annotator)

    assert git("branch", "--format=%(refname:short)") == "b-nk-2"
