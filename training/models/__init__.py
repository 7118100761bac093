"""What is trained on, what was trained, and what came of it. Once made, none of it is edited."""

from training.models.datasets import DatasetIntent, DatasetRow, DatasetVersion, Fate
from training.models.decisions import Decision, DecisionSettings, Deployment
from training.models.reports import EvaluationReport, GoldenCase, JudgedTurn
from training.models.runs import ModelVersion, QueueDraw, RunLine, TrainingRun, TrainingSettings

__all__ = [
    "DatasetIntent",
    "DatasetRow",
    "DatasetVersion",
    "Decision",
    "DecisionSettings",
    "Deployment",
    "EvaluationReport",
    "Fate",
    "GoldenCase",
    "JudgedTurn",
    "ModelVersion",
    "QueueDraw",
    "RunLine",
    "TrainingRun",
    "TrainingSettings",
]
