"""The routes of intents and entity types."""

from django.urls import path

from annotation.views import entity_types, exchange, intents

intent_routes = [
    path("intents/", intents.intent_list, name="intents"),
    path("intents/new/", intents.new, name="new_intent"),
    path("intents/import/", exchange.import_words, name="import_intents"),
    path("intents/export/", exchange.export_words, name="export_intents"),
    path("intents/<int:intent_id>/", intents.intent, name="intent"),
    path("intents/<int:intent_id>/edit/", intents.edit, name="edit_intent"),
    path("intents/<int:intent_id>/archive/", intents.archive, name="archive_intent"),
    path("intents/<int:intent_id>/bring-back/", intents.bring_back, name="unarchive_intent"),
    path("intents/<int:intent_id>/guideline/", intents.guideline, name="guideline"),
    path("intents/entities/", entity_types.entity_type_list, name="entity_types"),
    path("intents/entities/new/", entity_types.new, name="new_entity_type"),
    path("intents/entities/<int:type_id>/", entity_types.entity_type, name="entity_type"),
    path("intents/entities/<int:type_id>/edit/", entity_types.edit, name="edit_entity_type"),
    path(
        "intents/entities/<int:type_id>/archive/",
        entity_types.archive,
        name="archive_entity_type",
    ),
    path(
        "intents/entities/<int:type_id>/bring-back/",
        entity_types.bring_back,
        name="unarchive_entity_type",
    ),
]
