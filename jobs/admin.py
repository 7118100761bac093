"""Jobs, schedules and processes, as auditors see them."""

from django.contrib import admin

from jobs.models import Job, Process, Schedule


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "kind", "state", "bot", "created_by", "created_at", "ended_at")
    list_filter = ("state", ("created_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "created_by")
    search_fields = ("=id", "=kind", "=object_id")
    search_help_text = "A number, a kind, or the number of what it is about."
    ordering = ("-id",)
    sortable_by = ()
    exclude = ("token",)


@admin.register(Schedule)
class ScheduleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "kind", "bot", "cron", "enabled", "next_at", "fired_at")
    list_filter = ("enabled", "bot")
    list_select_related = ("bot",)
    search_fields = ("name", "kind")
    ordering = ("name",)


@admin.register(Process)
class ProcessAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "role", "started_at", "seen_at")
    list_filter = ("role",)
    search_fields = ("name",)
    ordering = ("-seen_at",)
