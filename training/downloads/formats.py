"""The files that a version can be downloaded as."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from training.downloads import chat, hugging_face, rasa, spacy, table
from training.models import DatasetVersion

JSONL = "application/jsonl; charset=utf-8"


@dataclass(frozen=True)
class Format:
    title: str
    ending: str
    content_type: str
    stream: Callable[[DatasetVersion], Iterator[bytes]]


FORMATS = {
    "huggingface": Format(
        "Hugging Face: train and test as JSONL", ".zip", "application/zip", hugging_face.stream
    ),
    "rasa": Format("Rasa NLU, YAML", "-nlu.yml", "application/yaml; charset=utf-8", rasa.stream),
    "spacy": Format("spaCy, JSONL", "-spacy.jsonl", JSONL, spacy.stream),
    "csv": Format("CSV, for a spreadsheet", ".csv", "text/csv; charset=utf-8", table.stream),
    "chat": Format("Better answers as chats, JSONL", "-chat.jsonl", JSONL, chat.stream_messages),
    "pairs": Format(
        "Better answers beside the bot's, JSONL", "-pairs.jsonl", JSONL, chat.stream_pairs
    ),
}
