"""Where the queue and its settings stand."""

from django.urls import path

from annotation.views import queue, settings

review_routes = [
    path("review/", queue.queue, name="queue"),
    path("review/assign/", queue.assign, name="assign"),
    path("settings/review/", settings.review_settings, name="settings"),
]
