"""Is this process alive, and can the whole do its work?"""

from collections.abc import Callable
from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve
from django.views.decorators.http import require_safe
from redis import RedisError

from jobs import waking
from jobs.models import Process

OK = "ok"
UNKNOWN = "Not known: the database does not answer."


Answer = Callable[[HttpRequest], HttpResponse]


def answer_beside_hosts(get_response: Answer) -> Answer:
    """Middleware: answer probes whatever host they ask for. Load balancers use addresses."""

    def answered(request: HttpRequest) -> HttpResponse:
        if request.path_info not in PROBES:
            return get_response(request)
        request.resolver_match = resolve(request.path_info)
        return PROBES[request.path_info](request)

    return answered


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Says nothing about what it depends on."""
    return JsonResponse({"status": OK})


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Each thing that work depends on, with a sentence where it is missing."""
    checks = {"database": CHECKS["database"]()}
    away = checks["database"] != OK
    for name, check in CHECKS.items():
        needs_database = name not in ("database", "queue")
        # Asking again would only wait again.
        checks[name] = checks.get(name) or (UNKNOWN if away and needs_database else check())
    ready = all(said == OK for said in checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseTrouble:
        return "The database does not answer."
    return OK


def _queue() -> str:
    try:
        waking.redis().ping()
    except RedisError:
        return "The queue does not answer. Jobs are kept and start when it is back."
    return OK


def _migrations() -> str:
    try:
        return OK if _migrated() else "Migrations are missing. Run ./loop migrate."
    except DatabaseTrouble:
        return UNKNOWN


class _NotYet(Exception):
    pass


def _migrated() -> bool:
    try:
        return _migrated_for_good()
    except _NotYet:
        return False


@cache
def _migrated_for_good() -> bool:
    """Ask until it is so, and never again: reading every migration costs 50 ms."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _NotYet
    return True


def _seen(role: Process.Role) -> Callable[[], str]:
    def check() -> str:
        try:
            alive = Process.objects.alive(role).exists()
        except DatabaseTrouble:
            return UNKNOWN
        return OK if alive else f"No {role.value} was seen lately. Start one: ./loop {role.value}."

    return check


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "queue": _queue,
    "migrations": _migrations,
    "worker": _seen(Process.Role.WORKER),
    "schedule": _seen(Process.Role.SCHEDULE),
}
PROBES: dict[str, Answer] = {"/healthz": healthz, "/readyz": readyz}
