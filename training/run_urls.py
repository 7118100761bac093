"""Where training and model versions stand."""

from django.urls import path

from training.views import runs, versions

run_routes = [
    path("training/", runs.run_list, name="runs"),
    path("training/rows/", runs.run_rows, name="run_rows"),
    path("training/start/", runs.start, name="start"),
    path("training/<int:run_id>/", runs.run, name="run"),
    path("training/<int:run_id>/card/", runs.run_card, name="run_card"),
    path("training/<int:run_id>/cancel/", runs.cancel, name="cancel"),
    path("training/<int:run_id>/retry/", runs.retry, name="retry"),
    path("settings/training/", runs.training_settings, name="settings"),
    path("models/", versions.model_list, name="models"),
    path("models/<int:version_id>/", versions.model_version, name="model"),
    path("models/<int:version_id>/artifact/", versions.artifact_card, name="artifact"),
    path("models/<int:version_id>/check/", versions.check, name="check"),
]
