"""What is trained on. Datasets are frozen once, and never edited afterwards."""

from training.models.datasets import DatasetIntent, DatasetRow, DatasetVersion, Fate

__all__ = ["DatasetIntent", "DatasetRow", "DatasetVersion", "Fate"]
