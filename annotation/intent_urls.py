"""The routes of intents and entity types."""

from django.urls import path

from annotation.views import changes, entity_types, exchange, intents, refactoring

intent_routes = [
    path("intents/", intents.intent_list, name="intents"),
    path("intents/new/", intents.new, name="new_intent"),
    path("intents/import/", exchange.import_words, name="import_intents"),
    path("intents/export/", exchange.export_words, name="export_intents"),
    path("intents/<int:intent_id>/", intents.intent, name="intent"),
    path("intents/<int:intent_id>/edit/", intents.edit, name="edit_intent"),
    path("intents/<int:intent_id>/archive/", intents.archive, name="archive_intent"),
    path("intents/<int:intent_id>/bring-back/", intents.bring_back, name="unarchive_intent"),
    path("intents/<int:intent_id>/rename/", refactoring.rename, name="rename_intent"),
    path("intents/<int:intent_id>/merge/", refactoring.merge, name="merge_intent"),
    path("intents/<int:intent_id>/split/", refactoring.split, name="split_intent"),
    path("intents/<int:intent_id>/old-name/", refactoring.let_go_of_name, name="let_go_of_name"),
    path("intents/changes/", changes.change_list, name="intent_changes"),
    path("intents/changes/<int:change_id>/", changes.change, name="intent_change"),
    path("intents/changes/<int:change_id>/card/", changes.card, name="intent_change_card"),
    path("intents/changes/<int:change_id>/undo/", changes.undo, name="undo_intent_change"),
    path("intents/changes/<int:change_id>/go-on/", changes.go_on, name="go_on_with_change"),
    path("intents/changes/<int:change_id>/pick/", changes.pick, name="pick_labels"),
    path("intents/changes/<int:change_id>/split/", changes.carry_out, name="carry_out_split"),
    path("intents/changes/<int:change_id>/drop/", changes.drop, name="drop_split"),
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
