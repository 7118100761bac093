"""Which Django models keep a history, and how: by triggers, so that no way of writing escapes.

A history holds ids and choices, never texts: what is erased is in none.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.db import models

Model = TypeVar("Model", bound=type[models.Model])


def remembered(*fields: str) -> Callable[[Model], Model]:
    """Keep every insert, every delete and every change of `fields`, as rows that nobody edits.

    One statement is one trigger call, however many rows it writes. The fields are named one by
    one, so that a column added later is in no history until somebody decides so.
    """

    def decorate(model: Model) -> Model:
        track: Any = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            fields=list(fields),
            model_name=f"{model.__name__}Event",
            append_only=True,
            level=pgtrigger.Statement,
            obj_field=pghistory.ObjForeignKey(related_name="history", db_index=True),
            context_field=pghistory.ContextForeignKey(db_index=False),
            # A million labels come in with one import: the default would end at 2 billion.
            attrs={"pgh_id": models.BigAutoField(primary_key=True)},
        )
        tracked: Model = track(model)
        return tracked

    return decorate
