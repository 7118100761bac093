from django.urls import path

from training.run_urls import run_routes
from training.views import contents, datasets

app_name = "training"
urlpatterns = [
    path("datasets/", datasets.version_list, name="datasets"),
    path("datasets/rows/", datasets.version_rows, name="dataset_rows"),
    path("datasets/freeze/", datasets.freeze, name="freeze"),
    path("datasets/<int:version_id>/", datasets.version, name="dataset"),
    path("datasets/<int:version_id>/download/", datasets.download, name="download"),
    path("datasets/<int:version_id>/changes/", contents.changes, name="changes"),
    path("datasets/<int:version_id>/clashes/", contents.clashes, name="clashes"),
    path("datasets/intents/<int:called_id>/", contents.intent, name="dataset_intent"),
    path("datasets/intents/<int:called_id>/let-in/", contents.lift, name="lift"),
    *run_routes,
]
