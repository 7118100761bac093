"""Words, answers and gold labels with their histories, as auditors see them. No text of a turn."""

from django.contrib import admin

from annotation.models import (
    Annotation,
    EntityType,
    GoldLabel,
    Intent,
    ReviewItem,
    ReviewSettings,
)


@admin.register(Intent)
class IntentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "name", "bot", "critical", "created_by", "created_at", "archived_at")
    list_filter = ("critical", ("archived_at", admin.EmptyFieldListFilter), "bot")
    list_select_related = ("bot", "created_by")
    search_fields = ("=id", "name", "title")
    ordering = ("-id",)


@admin.register(EntityType)
class EntityTypeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "name", "bot", "created_by", "created_at", "archived_at")
    list_filter = (("archived_at", admin.EmptyFieldListFilter), "bot")
    list_select_related = ("bot", "created_by")
    search_fields = ("=id", "name", "title")
    ordering = ("-id",)


@admin.register(ReviewItem)
class ReviewItemAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "lane", "status", "policy", "priority", "holder", "created_at")
    list_filter = ("status", "lane", "bot")
    list_select_related = ("bot", "holder")
    search_fields = ("=id", "=turn_id")
    search_help_text = "A number, or the whole key of a turn."
    ordering = ("-id",)
    sortable_by = ()
    # What the annotator was shown quotes the turn.
    exclude = ("reasons", "neighbours", "neighbours_of")


@admin.register(Annotation)
class AnnotationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "bot", "item_id", "annotator", "verdict", "intent", "lane", "seconds"),
        *("created_at", "undone_at"),
    )
    list_filter = ("verdict", "lane", ("created_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "annotator", "intent")
    search_fields = ("=id", "=item_id", "=annotator__username")
    search_help_text = "A number, the number of an item, or a username."
    ordering = ("-id",)
    sortable_by = ()
    exclude = ("better_answer", "note", "submission")


@admin.register(GoldLabel)
class GoldLabelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "bot", "turn_id", "annotation_id", "verdict", "intent", "side", "policy"),
        *("by_likeness", "created_at", "withdrawn_at"),
    )
    list_filter = (
        *("verdict", "by_likeness", ("withdrawn_at", admin.EmptyFieldListFilter)),
        *(("created_at", admin.DateFieldListFilter), "bot"),
    )
    list_select_related = ("bot", "intent")
    search_fields = ("=id", "=turn_id", "=annotation_id")
    search_help_text = "A number, the number of an answer, or the whole key of a turn."
    ordering = ("-id",)
    sortable_by = ()


@admin.register(ReviewSettings)
class ReviewSettingsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("bot", "second_opinion_percent", "audit_percent", "hidden_percent")
    list_filter = ("bot",)
    list_select_related = ("bot",)
    search_fields = ("bot__name", "bot__slug")
    ordering = ("bot",)
