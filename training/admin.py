"""Dataset versions, runs, model versions, reports and decisions, as auditors see them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from training.models import (
    DatasetVersion,
    Decision,
    DecisionSettings,
    Deployment,
    EvaluationReport,
    GoldenCase,
    ModelVersion,
    TrainingRun,
    TrainingSettings,
)


@admin.register(DatasetVersion)
class DatasetVersionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "bot", "number", "tag", "train_count", "audit_count", "left_out_count"),
        *("erased_count", "created_by", "sealed_at"),
    )
    list_filter = (("sealed_at", admin.EmptyFieldListFilter), "bot")
    list_select_related = ("bot", "created_by")
    search_fields = ("=id", "=tag", "=commit", "=content_hash")
    search_help_text = "A number, a tag, or a whole hash."
    ordering = ("-id",)
    exclude = ("manifest", "busiest", "entity_types")


@admin.register(TrainingRun)
class TrainingRunAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "number", "trigger", "dataset", "created_by", "created_at")
    list_filter = ("trigger", ("created_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "dataset", "created_by")
    search_fields = ("=id", "=number", "=created_by__username")
    ordering = ("-id",)
    exclude = ("candidates", "seconds")


@admin.register(ModelVersion)
class ModelVersionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "number", "run", "encoder", "sha256", "created_at")
    list_filter = (("created_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "run")
    search_fields = ("=id", "=number", "=sha256")
    search_help_text = "A number, or the whole SHA-256 of an artifact."
    ordering = ("-id",)
    exclude = ("figures", "libraries")


@admin.register(EvaluationReport)
class EvaluationReportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "bot", "version", "champion", "outcome", "passes", "rows", "looks"),
        *("created_by", "created_at"),
    )
    list_filter = ("passes", ("created_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "version", "champion", "created_by")
    search_fields = ("=id", "=sha256")
    search_help_text = "A number, or the whole SHA-256 of a report."
    ordering = ("-id",)
    exclude = ("content",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")  # large, and not shown


@admin.register(Decision)
class DecisionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "bot", "version", "verdict", "by", "trained_by", "four_eyes", "reason"),
        *("override_reason", "created_at"),
    )
    list_filter = ("verdict", "four_eyes", ("created_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "version", "by", "trained_by")
    search_fields = ("=id", "=by__username", "=report_sha256", "=artifact_sha256")
    search_help_text = "A number, a username, or a whole SHA-256."
    ordering = ("-id",)


@admin.register(Deployment)
class DeploymentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "champion", "previous", "decision", "by", "since", "until")
    list_filter = (("until", admin.EmptyFieldListFilter), "bot")
    list_select_related = ("bot", "champion", "previous", "decision", "by")
    search_fields = ("=id", "=by__username")
    ordering = ("-id",)


@admin.register(GoldenCase)
class GoldenCaseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "kind", "intent", "must_pass", "created_by", "archived_by")
    list_filter = ("kind", "must_pass", ("archived_at", admin.EmptyFieldListFilter), "bot")
    list_select_related = ("bot", "intent", "created_by", "archived_by")
    search_fields = ("=id", "=created_by__username")
    ordering = ("-id",)
    exclude = ("texts", "why")


@admin.register(TrainingSettings)
class TrainingSettingsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("bot", "schedule", "after_labels", "budget")
    list_filter = ("schedule", "bot")
    list_select_related = ("bot",)
    search_fields = ("bot__name", "bot__slug")
    ordering = ("bot",)


@admin.register(DecisionSettings)
class DecisionSettingsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("bot", "four_eyes")
    list_filter = ("four_eyes", "bot")
    list_select_related = ("bot",)
    search_fields = ("bot__name", "bot__slug")
    ordering = ("bot",)
