from django.apps import AppConfig


class ServingConfig(AppConfig):
    name = "serving"

    def ready(self) -> None:
        # What rooms below tell this one. They do not import it.
        from serving import leaving, troubles  # noqa: F401
