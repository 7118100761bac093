"""Every route of the product. tests/routes.py holds who may walk each of them."""

from django.contrib import admin
from django.urls import include, path

from learnloop import api_docs, health, metrics, views
from learnloop.api import api

urlpatterns = [
    # First: bots ask a hundred times as often as people.
    path("api/v1/", api.urls),
    path("api/docs", api_docs.api_docs, name="api_docs"),
    path("", views.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("replay.urls")),
    path("", include("training.urls")),
    path("", include("annotation.urls")),
    path("", include("ingest.urls")),
    path("", include("jobs.urls")),
]
