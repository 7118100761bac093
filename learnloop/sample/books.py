"""The phrasebook of each language."""

from learnloop.sample import book_en, book_es
from learnloop.sample.phrasebook import Phrasebook

BOOKS: dict[str, Phrasebook] = {"en": book_en.BOOK, "es": book_es.BOOK}
