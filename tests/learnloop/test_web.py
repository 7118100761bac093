"""learnloop/management/commands/web.py: what is seen to before granian takes over."""

import os

import pytest

from learnloop.management.commands.web import static_files_are_those_of_this_release

EARLIER, LATER = 1_000_000, 2_000_000


@pytest.fixture
def release(tmp_path, settings):
    """A checkout with a stylesheet, whose static files were collected after it was written."""
    settings.BASE_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "collected"
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    for name in ("static/styles/forms.css", "requirements.txt", "collected/staticfiles.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for path in tmp_path.rglob("*"):
        os.utime(path, (EARLIER, EARLIER))
    return tmp_path


def test_files_are_collected_once(release):
    assert static_files_are_those_of_this_release()


def test_a_new_install_has_none_yet(release):
    (release / "collected/staticfiles.json").unlink()

    assert not static_files_are_those_of_this_release()


@pytest.mark.parametrize(
    "changed", ["static/styles/forms.css", "static/styles", "requirements.txt"]
)
def test_those_of_another_release_are_collected_anew(release, changed):
    os.utime(release / changed, (LATER, LATER))

    assert not static_files_are_those_of_this_release()
