"""Many gold labels at once, with all that they come from: by COPY, and one statement each table."""

from uuid import uuid4

import numpy as np
import psycopg
from django.db import connection

from ingest.embedding import encoder_of

AT_ONCE = 50_000
TYPES = ["uuid", "text", "int8", "text", "bytea"]
TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS filling (
    id uuid, said text, intent bigint, side text, vector bytea
) ON COMMIT PRESERVE ROWS
"""
# Each in a conversation of its own, which is all that is known of who said it.
STATEMENTS = (
    """INSERT INTO ingest_text (id, bot_id, text, encoded_by, compared, bands)
    SELECT id, %(bot)s, said, %(encoder)s, true, '{}' FROM filling""",
    """INSERT INTO ingest_conversation (id, bot_id, name, started_at, last_at, channel, language,
        users, intents, turn_count, outcome, side, audit_share, signals, weight, changes)
    SELECT id, %(bot)s, 'c-' || id, now(), now(), 'web', 'en', '{}', '{}', 1, 'open', side, 0.02,
        '{}', 0, 0 FROM filling""",
    """INSERT INTO ingest_incomingevent
        (id, bot_id, conversation_id, kind, at, received_at, digest, redacted, mended)
    SELECT id, %(bot)s, id, 'turn', now(), now(), id, '{}', false FROM filling""",
    """INSERT INTO ingest_turn (event_id, bot_id, conversation_id, at, text, response,
        distinct_text_id, intent, alternatives, entities, dialog_state, error, model_version)
    SELECT id, %(bot)s, id, now(), said, '', id, '', '[]', '[]', '{}', '', '' FROM filling""",
    """INSERT INTO ingest_textvector (bot_id, text_id, encoder, vector)
    SELECT %(bot)s, id, %(encoder)s, vector FROM filling""",
)
LABELS = (
    """INSERT INTO annotation_reviewitem (bot_id, turn_id, conversation_id, text_id, text_group,
        at, lane, status, ended_at, priority, weight, kinds, reasons, guesses, guess,
        model_version, guess_hidden, neighbours, neighbours_of, alike_count, policy,
        answers_wanted, not_for, created_at)
    SELECT %(bot)s, id, id, id, id, now(), 'selection', 'done', now(), 0, 0, '{}', '[]', '[]', '',
        '', false, '[]', 0, 0, 'signals', 1, '{}', now() FROM filling""",
    """INSERT INTO annotation_annotation (bot_id, submission, item_id, annotator_id, lane, verdict,
        intent_id, better_answer, note, for_alike, guess_shown, created_at)
    SELECT %(bot)s, filling.id, item.id, %(by)s, 'selection',
        CASE WHEN intent IS NULL THEN 'oos' ELSE 'intent' END, intent, '', '', false, true, now()
    FROM filling JOIN annotation_reviewitem item ON item.turn_id = filling.id""",
    """INSERT INTO annotation_goldlabel (bot_id, turn_id, text_id, annotation_id, verdict,
        intent_id, side, policy, guess_shown, by_likeness, created_at)
    SELECT %(bot)s, filling.id, filling.id, said.id, said.verdict, said.intent_id, side,
        'signals', true, false, now()
    FROM filling JOIN annotation_annotation said ON said.submission = filling.id""",
)
READ_BY = ("ingest_text", "ingest_conversation", "ingest_turn", "ingest_textvector",
           "annotation_goldlabel", "annotation_reviewitem", "annotation_annotation")  # fmt: skip


def fill(bot, by, texts, vectors, *, intents=None, sides=None):
    """Turns that somebody said, with vectors; with labels if `intents` are given.

    texts, intents (keys of Intent, None for out of scope) and sides are sequences of n_rows,
    vectors an array of shape (n_rows, n_dimensions).
    """
    values = {"bot": bot.pk, "by": by.pk if by else None, "encoder": encoder_of(bot).version}
    statements = (*STATEMENTS, *(LABELS if intents is not None else ()))
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        for at in range(0, len(texts), AT_ONCE):
            some = slice(at, at + AT_ONCE)
            cursor.execute("TRUNCATE filling")
            _copy(
                texts[some],
                np.asarray(vectors[some], "<f2"),
                intents[some] if intents is not None else None,
                sides[some] if sides is not None else None,
            )
            cursor.execute("ANALYZE filling")
            for statement in statements:
                cursor.execute(statement, values)
        for table in READ_BY:
            cursor.execute(f"ANALYZE {table}")


def _copy(texts, vectors, intents, sides):
    into = "COPY filling FROM STDIN (FORMAT BINARY)"
    with psycopg.Cursor(connection.connection) as cursor, cursor.copy(into) as copy:
        copy.set_types(TYPES)
        for row, text in enumerate(texts):
            intent = intents[row] if intents is not None else None
            side = sides[row] if sides is not None else "train"
            copy.write_row((uuid4(), text, intent, side, vectors[row].tobytes()))


def texts_about(names, rows, *, chance):
    """Made-up texts, intents in turn, none near another: words of its intent, and any others."""
    words = np.array([f"{a}{b}{c}" for a in "bdfklmnprst" for b in "aeiou" for c in "bdgklmnprst"])
    own = {name: chance.choice(words, 12, replace=False) for name in names}
    named = [names[row % len(names)] for row in range(rows)]
    texts = [
        " ".join(chance.permutation([*chance.choice(own[name], 4), *chance.choice(words, 5)]))
        for name in named
    ]
    return texts, named


def vectors_about(named, *, dimensions, chance, blur=1.0):
    """Vectors of length 1, those of an intent near each other."""
    names = sorted(set(named))
    centres = chance.normal(size=(len(names), dimensions))
    rows = centres[[names.index(name) for name in named]]
    rows = rows + blur * 2 * chance.normal(size=rows.shape)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)
