"""Every route of the product. tests/test_routes.py holds who may walk each of them."""

from django.urls import include, path

from learnloop import health, metrics, views
from learnloop.api import api

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include("accounts.urls")),
    path("", include("jobs.urls")),
    path("api/v1/", api.urls),
]
