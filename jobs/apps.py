from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        # Every room names its kinds of job in its own jobs.py.
        autodiscover_modules("jobs")
