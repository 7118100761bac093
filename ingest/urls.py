from django.urls import path

from ingest.views import conversations, erasure, settings, trying

app_name = "ingest"
urlpatterns = [
    path("conversations/", conversations.conversation_list, name="conversations"),
    path(
        "conversations/<uuid:conversation_id>/",
        conversations.conversation,
        name="conversation",
    ),
    path(
        "conversations/<uuid:conversation_id>/events/",
        conversations.conversation_events,
        name="conversation_events",
    ),
    path("settings/intake/", settings.intake_settings, name="settings"),
    path("settings/intake/preview/", settings.preview, name="preview_signals"),
    path("settings/erasure/", erasure.erasure, name="erasure"),
    path("settings/erasure/erase/", erasure.erase, name="erase"),
    path("settings/webhooks/test/", trying.test_event, name="test_event"),
]
