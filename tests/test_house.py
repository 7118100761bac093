"""The house checks itself: docs/architecture.md is what stands, and the docs say what there is."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

HOUSE = Path(__file__).resolve().parent.parent
PAGE = (HOUSE / "docs" / "architecture.md").read_text()
ROOMS = [
    "learnloop",
    "replay",
    "serving",
    "training",
    "annotation",
    "ingest",
    "accounts",
    "jobs",
    "ml",
]
OWN_APPS = [room for room in ROOMS if apps.is_installed(room)]
# Rooms' outer layer: what knows that there is a request.
OUTER = {
    *("views", "api", "middleware", "backends", "paging", "throttling"),
    *("admin", "admin_site", "navigation", "metrics", "health", "refusals", "api_docs", "shortcut"),
}
LONGEST_FILE = 400  # lines
NEVER = {"utils", "helpers", "common", "services", "misc", "lib"}


def rooms_on_the_page():
    """The names at the beginning of the lines of the page's first code block."""
    block = PAGE.split("```")[1]
    return {
        name
        for line in block.splitlines()
        for name in re.findall(r"^((?:[\w.-]+/? ?)+)  ", line)
        for name in name.split()
    }


def python_files():
    return [
        path
        for room in ROOMS
        for path in (HOUSE / room).rglob("*.py")
        if "migrations" not in path.parts
    ]


def tracked_entries():
    ignored = {".venv", ".data", ".git", "__pycache__"}
    return {
        path.name + ("/" if path.is_dir() else "")
        for path in HOUSE.iterdir()
        if path.name not in ignored and not path.name.startswith(".")
    }


def test_every_room_has_a_line_on_the_page():
    assert tracked_entries() - rooms_on_the_page() == set()


def test_every_line_on_the_page_is_a_room():
    assert rooms_on_the_page() - tracked_entries() == set()


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_module_is_a_drawer(path):
    assert not NEVER & {path.stem, path.parent.name}


def test_every_django_model_is_in_the_glossary():
    glossary = PAGE.split("## Glossary")[1]
    names = {
        model.__name__ for label in OWN_APPS for model in apps.get_app_config(label).get_models()
    }

    assert {name for name in names if not re.search(rf"\b{name}\b", glossary)} == set()


def test_every_environment_variable_is_in_the_running_page():
    running = (HOUSE / "docs" / "running.md").read_text()
    room = HOUSE / "learnloop"
    sources = [path.read_text() for path in (room / "settings.py", *room.glob("embedded/*.py"))]
    read = set(re.findall(r'"((?:LEARNLOOP_|DATABASE_URL|REDIS_URL)\w*)"', "\n".join(sources)))

    assert {name for name in read if f"`{name}`" not in running} == set()


def test_only_learnloop_reads_the_environment():
    readers = {
        path.relative_to(HOUSE).as_posix()
        for path in python_files()
        if re.search(r"os\.environ|os\.getenv", path.read_text())
    }

    # measuring.py asks whether prometheus_client, which reads the variable itself, was told.
    assert {name for name in readers if not name.startswith("learnloop/")} <= {"jobs/measuring.py"}


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(HOUSE)))
def test_only_the_outer_layer_imports_it(path):
    """Verbs and Django models are called by views and never the other way round."""
    outermost = OUTER | {"urls", "apps", "commands"}
    if outermost & {path.stem, path.parent.name} or path.stem.endswith("_urls"):
        return
    rooms = "|".join(ROOMS)
    outer = re.compile(
        rf"^(?:from|import) (?:{rooms})(?:\.| import )(?:views|api|urls|middleware)\b", re.M
    )

    assert outer.findall(path.read_text()) == []


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(HOUSE)))
def test_only_views_and_their_like_take_a_request(path):
    """Verbs take objects and values: they are called by jobs and commands too."""
    if OUTER & {path.stem, path.parent.name}:
        return
    functions = [
        node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)
    ]

    takers = [f.name for f in functions if "request" in {a.arg for a in f.args.args}]

    assert takers == []


def test_no_file_is_longer_than_one_reads():
    written = [
        path
        for folder in (*ROOMS, "static", "templates", "tests", "bench", "clients", "ops")
        for path in (HOUSE / folder).rglob("*")
        if path.suffix in {".py", ".css", ".js", ".html"} and "vendor" not in path.parts
    ]

    long = {path.name: len(path.read_text().splitlines()) for path in written}

    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}
    assert "elements.css" in long
