"""Dataset versions as commits of one bare repository that any Git can read.

A bot has a branch called as its slug, and a tag for each version: `bank-bot` and `bank-bot/v3`.
Everything about a commit comes from the version's row, so to write it twice is to write it once.
"""

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

from django.conf import settings
from dulwich.gc import garbage_collect
from dulwich.objects import Blob, Commit, ObjectID, Tag, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

WHO = b"learnloop <learnloop@learnloop.invalid>"
A_FILE, A_FOLDER = 0o100644, 0o040000

ANOTHER_TREE = (
    "Git has another {tag} already, so nothing was written over it. That happens after a backup "
    "of the database was restored without that of the datasets. Keep the old one under another "
    "name (git -C {path} tag old/{tag} {tag}; git -C {path} tag -d {tag}), then try again."
)


class TagTaken(Exception):
    """The tag is there, and stands for other files."""


@dataclass(frozen=True, slots=True)
class Files:
    """What was written of one version, and belongs to no commit yet."""

    tree: str
    content_hash: str  # SHA-256 over the names and hashes of all files


@dataclass(frozen=True, slots=True)
class Label:
    """What a commit and its tag say."""

    branch: str
    tag: str
    author: str
    at: datetime
    message: str
    after: str  # the commit before, or nothing


class GitStore:
    """The repository, while nobody else writes to it."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo

    def put_files(self, files: Iterable[tuple[str, list[bytes]]]) -> Files:
        """Write files, which are taken one at a time; each is a name and its content in pieces.

        A name holds one slash at most.
        """
        root, folders, digests = Tree(), dict[bytes, Tree](), []
        for name, pieces in files:
            blob = Blob()
            blob.chunked = pieces
            self._repo.object_store.add_object(blob)
            digests.append((name, _digest(pieces)))
            folder, _, base = name.encode().rpartition(b"/")
            tree = folders.setdefault(folder, Tree()) if folder else root
            tree.add(base, A_FILE, blob.id)
        for folder, tree in folders.items():
            self._repo.object_store.add_object(tree)
            root.add(folder, A_FOLDER, tree.id)
        self._repo.object_store.add_object(root)
        listing = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests))
        return Files(root.id.decode(), sha256(listing.encode()).hexdigest())

    def commit(self, tree: str, label: Label, *, replacing: bool = False) -> str:
        """Make `tree` a version, and return its commit. Raise TagTaken if another has its tag.

        A commit of the same tree that has the tag already is taken as it is: whoever wrote it
        was stopped before they could tell. With `replacing` whatever has the tag gives way.
        """
        known = None if replacing else self._tagged(label.tag)
        if known is not None and known.tree == tree.encode():
            self._point(label, known.id)
            return known.id.decode()
        if known is not None:
            raise TagTaken(ANOTHER_TREE.format(tag=label.tag, path=self._repo.path))
        commit = self._commit_of(tree, label)
        self._repo.object_store.add_object(commit)
        self._point(label, commit.id)
        self._tag(label, commit.id)
        return commit.id.decode()

    def forget_unreachable(self) -> int:
        """Delete what belongs to no branch and no tag any more; how many objects that were.

        Nobody else writes meanwhile. What `git gc` has packed is packed anew without it.
        """
        kept, store = self._reachable(), self._repo.object_store
        if list(store.packs):
            garbage_collect(self._repo, prune=True, grace_period=None)
            self._forget_what_git_worked_out()
        gone = [key for key in list(store) if key not in kept]
        for key in gone:
            store.delete_loose_object(key)
        return len(gone)

    def _forget_what_git_worked_out(self) -> None:
        """Git makes these from packs and commits, and then trusts them."""
        objects = Path(self._repo.path) / "objects"
        for left in (*objects.glob("info/commit-graph*"), *objects.glob("pack/multi-pack-index*")):
            if left.is_dir():
                rmtree(left)
            else:
                left.unlink()

    def _reachable(self) -> set[ObjectID]:
        """All that a branch or a tag leads to. Files themselves are not read."""
        kept: set[ObjectID] = set()
        waiting = [self._repo.refs[name] for name in self._repo.refs.allkeys() if name != b"HEAD"]
        while waiting:
            key = waiting.pop()
            if key in kept:
                continue
            kept.add(key)
            found = self._repo[key]
            if isinstance(found, Tag):
                waiting.append(found.object[1])
            elif isinstance(found, Commit):
                waiting += [found.tree, *found.parents]
            elif isinstance(found, Tree):
                folders = [entry for entry in found.items() if entry.mode == A_FOLDER]
                waiting += [entry.sha for entry in folders]
                kept.update(entry.sha for entry in found.items() if entry.mode != A_FOLDER)
        return kept

    def _commit_of(self, tree: str, label: Label) -> Commit:
        after = ObjectID(label.after.encode())
        commit = Commit()
        commit.tree = ObjectID(tree.encode())
        # Without it where the repository was lost: history begins anew.
        commit.parents = [after] if after and after in self._repo.object_store else []
        commit.author, commit.committer = _identity(label.author), WHO
        commit.author_time = commit.commit_time = int(label.at.timestamp())
        commit.author_timezone = commit.commit_timezone = 0
        commit.encoding, commit.message = b"UTF-8", label.message.encode()
        return commit

    def _point(self, label: Label, commit: ObjectID) -> None:
        self._repo.refs[Ref(f"refs/heads/{label.branch}".encode())] = commit

    def _tag(self, label: Label, commit: ObjectID) -> None:
        tag = Tag()
        tag.name, tag.tagger, tag.message = label.tag.encode(), WHO, label.message.encode()
        tag.object = (Commit, commit)
        tag.tag_time, tag.tag_timezone = int(label.at.timestamp()), 0
        self._repo.object_store.add_object(tag)
        self._repo.refs[_tag_name(label.tag)] = tag.id

    def _tagged(self, tag: str) -> Commit | None:
        name = _tag_name(tag)
        if name not in self._repo.refs:
            return None
        found = self._repo[self._repo.refs[name]]
        if isinstance(found, Tag):
            found = self._repo[found.object[1]]
        return found if isinstance(found, Commit) else None


@contextmanager
def opened() -> Iterator[GitStore]:
    """Open the repository, made if there is none, and keep others from writing meanwhile."""
    path = Path(settings.DATASETS)
    path.mkdir(parents=True, exist_ok=True)
    with (path / "learnloop.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _repository(path) as repo:
            yield GitStore(repo)


def _repository(path: Path) -> Repo:
    """Open it. What somebody who was killed had locked is free again: nobody else writes."""
    for left in path.glob("**/*.lock"):
        if left.name != "learnloop.lock":
            left.unlink()
    if not (path / "HEAD").exists():
        repo = Repo.init_bare(path)
        config = repo.get_config()
        # A file that is there after the power went must be whole: it is never written again.
        config.set((b"core",), b"fsyncObjectFiles", True)
        config.write_to_path()
        repo.close()
    return Repo(str(path))


def _tag_name(tag: str) -> Ref:
    return Ref(f"refs/tags/{tag}".encode())


def _identity(name: str) -> bytes:
    """A name that cannot break out of the line that it stands in."""
    plain = "".join(c for c in name if c.isprintable() and c not in "<>").strip() or "learnloop"
    mailbox = "".join(c for c in plain if c.isascii() and (c.isalnum() or c in ".-_"))
    return f"{plain} <{mailbox or 'somebody'}@learnloop.invalid>".encode()


def _digest(pieces: list[bytes]) -> str:
    digest = sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
