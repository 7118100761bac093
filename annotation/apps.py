from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"

    def ready(self) -> None:
        # What other rooms tell this one. They do not import it.
        from annotation import following, leaving  # noqa: F401
