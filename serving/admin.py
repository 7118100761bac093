"""What was answered to bots, and what kept a version from answering, as auditors see it.

No text of a turn, nor the name of a conversation.
"""

from django.contrib import admin

from serving.models import ArtifactTrouble, Prediction


@admin.register(Prediction)
class PredictionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "made_at", "bot", "version", "intent", "confidence", "out_of_scope"),
        "queued_at",
    )
    list_filter = (
        *("arm", "out_of_scope", ("queued_at", admin.EmptyFieldListFilter)),
        *(("made_at", admin.DateFieldListFilter), "bot"),
    )
    list_select_related = ("bot", "version")
    search_fields = ("=id", "=conversation", "=intent")
    search_help_text = "The whole key of a prediction or of a conversation, or an intent's name."
    ordering = ("-made_at",)
    sortable_by = ()
    exclude = ("conversation_name", "waiting")


@admin.register(ArtifactTrouble)
class ArtifactTroubleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("version", "bot", "sentence", "since")
    list_filter = (("since", admin.DateFieldListFilter), "bot")
    list_select_related = ("bot", "version")
    search_fields = ("=version__number", "sentence")
    ordering = ("-since",)
