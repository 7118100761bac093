"""How events are taken in, and who was erased, as auditors see it. Nothing that anybody said."""

from django.contrib import admin

from ingest.models import Import, IntakeSettings, Tombstone


@admin.register(IntakeSettings)
class IntakeSettingsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("bot", "silence_minutes", "audit_percent", "retention_days", "encoder")
    list_filter = ("bot",)
    list_select_related = ("bot",)
    search_fields = ("bot__name", "bot__slug")
    ordering = ("bot",)


@admin.register(Tombstone)
class TombstoneAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "subject", "erased_at")
    list_filter = (("erased_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot",)
    search_fields = ("=id", "=subject")
    search_help_text = "A number, or a whole pseudonym."
    ordering = ("-id",)
    sortable_by = ()


@admin.register(Import)
class ImportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "started_at", "ended_at", "lines", "accepted", "refused")
    list_filter = (("started_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot",)
    search_fields = ("=id", "=source")
    ordering = ("-id",)
