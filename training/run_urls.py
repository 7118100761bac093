"""Where training and model versions stand."""

from django.urls import path

from training.views import golden, reports, runs, versions

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
    path("models/<int:version_id>/", reports.model_version, name="model"),
    path("models/<int:version_id>/judge/", reports.judge, name="judge"),
    path("models/<int:version_id>/judging/", reports.judging_card, name="judging"),
    path("models/<int:version_id>/decide/", reports.decide, name="decide"),
    path("models/roll-back/", reports.roll_back, name="roll_back"),
    path("models/reports/<int:report_id>/turns/", reports.judged_turns, name="judged_turns"),
    path("models/reports/<int:report_id>/report.json", reports.report_json, name="report_json"),
    path("models/reports/<int:report_id>/report.html", reports.report_html, name="report_html"),
    path("models/turns/<uuid:turn_id>/read-again/", reports.read_again, name="read_again"),
    path("models/golden/", golden.golden_list, name="golden"),
    path("models/golden/new/", golden.new_case, name="new_golden"),
    path("models/golden/<int:case_id>/archive/", golden.archive, name="archive_golden"),
    path("models/golden/turns/<uuid:turn_id>/", golden.keep_turn, name="keep_turn"),
    path("settings/decisions/", reports.decision_settings, name="decision_settings"),
    path("models/<int:version_id>/artifact/", versions.artifact_card, name="artifact"),
    path("models/<int:version_id>/check/", versions.check, name="check"),
]
