"""What was replayed, as auditors see it."""

from django.contrib import admin

from replay.models import Replay


@admin.register(Replay)
class ReplayAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "bot", "file", "twin_of_id", "began_at", "seen_at", "ended_at", "ended_because"),
    )
    list_filter = (
        ("ended_at", admin.EmptyFieldListFilter),
        ("began_at", admin.DateFieldListFilter),
        "bot",
    )
    list_select_related = ("bot",)
    search_fields = ("=id", "file", "=sha256")
    search_help_text = "A number, a part of a file's name, or a whole SHA-256."
    ordering = ("-id",)
    sortable_by = ()
    exclude = ("points", "stages")
