"""Words, answers and gold labels with their histories, as auditors see them. No text of a turn."""

from django.contrib import admin

from annotation.models import (
    Annotation,
    Dispute,
    EntityType,
    GoldLabel,
    GoldQuestion,
    GroupAnswer,
    Intent,
    IntentChange,
    KnownTurn,
    ReviewItem,
    ReviewPause,
    ReviewSettings,
    SecondOpinionShare,
    SentBack,
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


@admin.register(IntentChange)
class IntentChangeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "bot", "kind", "state", "old_name", "new_name", "moved", "asked"),
        *("created_by", "created_at", "undone_by", "undone_at"),
    )
    list_filter = ("kind", "state", ("created_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "created_by", "undone_by")
    search_fields = ("=id", "old_name", "new_name", "=created_by__username")
    ordering = ("-id",)
    exclude = ("before",)


@admin.register(Dispute)
class DisputeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("item_id", "bot", "kind", "sent_back", "nobody_left", "since", "settled_at"),
        "settled_by_id",
    )
    list_filter = (
        *("kind", "sent_back", "nobody_left", ("settled_at", admin.EmptyFieldListFilter)),
        *(("since", admin.DateFieldListFilter), "bot"),
    )
    list_select_related = ("bot",)
    search_fields = ("=item_id",)
    search_help_text = "The number of an item."
    ordering = ("-pk",)
    sortable_by = ()


@admin.register(SentBack)
class SentBackAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "item_id", "by", "created_at", "undone_at")
    list_filter = (("created_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "by")
    search_fields = ("=id", "=item_id", "=by__username")
    search_help_text = "A number, the number of an item, or a username."
    ordering = ("-id",)
    sortable_by = ()
    exclude = ("note", "submission")


@admin.register(GroupAnswer)
class GroupAnswerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "bot", "group_number", "annotator", "verdict", "intent", "answered"),
        *("created_at", "undone_at"),
    )
    list_filter = ("verdict", ("created_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "annotator", "intent")
    search_fields = ("=id", "=group_number", "=annotator__username")
    search_help_text = "A number, the number of a group, or a username."
    ordering = ("-id",)
    sortable_by = ()
    exclude = ("submission",)


@admin.register(KnownTurn)
class KnownTurnAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("turn_id", "bot", "source", "by", "created_at")
    list_filter = ("source", ("created_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "by")
    search_fields = ("=turn_id", "=by__username")
    search_help_text = "The whole key of a turn, or a username."
    ordering = ("-created_at",)
    sortable_by = ()
    exclude = ("place",)


@admin.register(GoldQuestion)
class GoldQuestionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "bot", "person", "item_id", "known_verdict", "known_intent", "verdict", "intent"),
        *("right", "asked_at", "answered_at"),
    )
    list_filter = ("right", "verdict", ("asked_at", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "person", "known_intent", "intent")
    search_fields = ("=id", "=item_id", "=person__username")
    search_help_text = "A number, the number of an item, or a username."
    ordering = ("-id",)
    sortable_by = ()
    exclude = ("better_answer", "note", "submission")


@admin.register(ReviewPause)
class ReviewPauseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "person", "since", "right", "asked", "lifted_at", "lifted_by")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), "bot")
    list_select_related = ("bot", "person", "lifted_by")
    search_fields = ("=id", "=person__username")
    ordering = ("-id",)


@admin.register(SecondOpinionShare)
class SecondOpinionShareAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("intent", "bot", "percent")
    list_filter = ("bot",)
    list_select_related = ("bot", "intent")
    search_fields = ("intent__name",)
    ordering = ("bot", "intent")
