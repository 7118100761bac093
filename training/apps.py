from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        # What a room below tells this one. It does not import it.
        from training import carrying, leaving, stocking  # noqa: F401
