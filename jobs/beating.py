"""Signs of life of the processes that have no page of their own."""

import os
import socket

from django.utils import timezone

from jobs.models import Process


def own_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


def beat(role: Process.Role, *, name: str) -> None:
    """Say that `name` lives."""
    Process.objects.bulk_create(
        [Process(name=name, role=role, seen_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["seen_at"],
    )


def retire(*, name: str) -> None:
    """Say that `name` ended as it should. What was killed is forgotten after a day."""
    Process.objects.filter(name=name).delete()
