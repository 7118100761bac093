"""Takes what was erased out of Git, out of its history too.

Versions are written again from the rows that are left, from the first that lost some, and get
other commits; the old ones are deleted. Whoever has cloned the repository still has them.
"""

from django.db import transaction

from accounts.models import Bot
from training import filing, git_store
from training.choosing import Progress
from training.freezing import alone, label_of, silently
from training.git_store import GitStore
from training.models import DatasetVersion
from training.placing import Writing


def rewrite(
    bot: Bot, *, on_progress: Progress = silently, writing: Writing = transaction.atomic
) -> int:
    """Write those versions of `bot` again of which Git has too much; how many that were.

    Safe to run twice: what was written and not told is written again, to the same commits.
    """
    with alone(bot):
        sealed = DatasetVersion.objects.of(bot).sealed().select_related("bot", "created_by")
        first = sealed.ahead_of_git().order_by("number").first()
        if first is None:
            return 0
        after = sealed.filter(number__lt=first.number).newest_first().first()
        versions = list(sealed.filter(number__gte=first.number).order_by("number"))
        erased = {version.pk: version.erased_count for version in versions}  # before rows are read
        with git_store.opened() as store:
            commit = after.commit if after else ""
            for done, version in enumerate(versions):
                on_progress(done, len(versions), f"Writing version {version.number} again")
                commit = _write(version, store, after=commit, writing=writing)
            store.forget_unreachable()
        # Last: until then whoever comes next begins with the same version.
        for pk, count in erased.items():
            with writing():
                DatasetVersion.objects.filter(pk=pk).update(erased_in_git=count)
    return len(versions)


def _write(version: DatasetVersion, store: GitStore, *, after: str, writing: Writing) -> str:
    files = store.put_files(filing.files_of(version))
    commit = store.commit(files.tree, label_of(version, after=after), replacing=True)
    with writing():
        DatasetVersion.objects.filter(pk=version.pk).update(
            tree=files.tree, commit=commit, content_hash=files.content_hash
        )
    return commit
