"""Where the queue and its settings stand."""

from django.urls import path

from annotation.views import disputes, labels, queue, settings

review_routes = [
    path("review/", queue.queue, name="queue"),
    path("review/assign/", queue.assign, name="assign"),
    path("review/disagreements/", disputes.dispute_list, name="disputes"),
    path("review/disagreements/undo/", disputes.undo, name="undo_decision"),
    path("review/disagreements/<int:item_id>/", disputes.dispute, name="dispute"),
    path("review/disagreements/<int:item_id>/decide/", disputes.decide, name="decide"),
    path("review/corrected/", labels.corrected, name="corrected"),
    path("review/corrected/seen/", labels.see_corrected, name="see_corrected"),
    path("review/labels/<int:label_id>/", labels.label, name="label"),
    path("settings/review/", settings.review_settings, name="settings"),
]
