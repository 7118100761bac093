"""Who a dataset's training rows come from, counted by the database."""

from dataclasses import replace

from ml.shares import FEWEST, MOST, Share
from training.choosing import run
from training.models import DatasetVersion, Fate

MOST_SHOWN = 50

OF_ANNOTATORS = f"""
SELECT COALESCE(intent.name, ''), person.username, count(*)
FROM training_datasetrow kept
JOIN training_datasetintent called ON called.id = kept.dataset_intent_id
JOIN annotation_goldlabel gold ON gold.id = kept.gold_label_id
JOIN annotation_annotation said ON said.id = gold.annotation_id
JOIN accounts_user person ON person.id = said.annotator_id
LEFT JOIN annotation_intent intent ON intent.id = called.intent_id
WHERE kept.version_id = %s AND kept.side = 'train' AND kept.fate = {Fate.KEPT}
GROUP BY 1, 2
"""  # noqa: S608  numbers of ours

OFFERED = [Fate.KEPT, Fate.SAME, Fate.SOURCE, Fate.ALIKE, Fate.QUARANTINED]
# Of what was offered, before near-duplicates and more than five of one source are left out: who
# tries to drown an intent is named, whether or not it came to that.
OF_SOURCES = f"""
WITH each AS (
    SELECT called.intent_id, COALESCE(event."user", turn.conversation_id) AS source,
        event."user" IS NOT NULL AS is_user, count(*) AS rows
    FROM training_datasetrow kept
    JOIN training_datasetintent called ON called.id = kept.dataset_intent_id
    JOIN ingest_turn turn ON turn.event_id = kept.turn_id
    JOIN ingest_incomingevent event ON event.id = kept.turn_id
    WHERE kept.version_id = %s AND kept.side = 'train' AND kept.fate = ANY(%s)
    GROUP BY 1, 2, 3
), whole AS (
    SELECT intent_id, source, is_user, rows, sum(rows) OVER (PARTITION BY intent_id) AS total
    FROM each
)
SELECT COALESCE(intent.name, ''), source, is_user, rows, total
FROM whole LEFT JOIN annotation_intent intent ON intent.id = whole.intent_id
WHERE total >= {FEWEST} AND rows > {MOST} * total
ORDER BY rows / total DESC, 1, 2 LIMIT {MOST_SHOWN}
"""  # noqa: S608  numbers of ours


def of_annotators(dataset: DatasetVersion) -> tuple[Share, ...]:
    """Everybody's share of all rows, and who has more than a fifth of an intent."""
    rows = run(OF_ANNOTATORS, [dataset.pk])
    everybody: dict[str, int] = {}
    of_intent: dict[str, int] = {}
    for intent, name, number in rows:
        everybody[name] = everybody.get(name, 0) + number
        of_intent[intent] = of_intent.get(intent, 0) + number
    total = sum(everybody.values())
    whole = [_share(name, number, total) for name, number in everybody.items()]
    parts = [
        replace(_share(name, number, of_intent[intent]), intent=intent)
        for intent, name, number in rows
        if intent and of_intent[intent] >= FEWEST
    ]
    too_much = [one for one in parts if one.too_much]
    # Where somebody labelled most of everything, they did so of each intent too.
    if any(one.too_much for one in whole):
        too_much = []
    return (*sorted(whole, key=_order)[:MOST_SHOWN], *sorted(too_much, key=_order)[:MOST_SHOWN])


def of_sources(dataset: DatasetVersion) -> tuple[Share, ...]:
    """End users, or conversations, that gave more than a fifth of what an intent was offered."""
    rows = run(OF_SOURCES, [dataset.pk, [fate.value for fate in OFFERED]])
    return tuple(
        replace(_share(_name(source, is_user), number, int(total)), intent=intent)
        for intent, source, is_user, number, total in rows
    )


def _name(source: object, is_user: bool) -> str:
    return f"{'user' if is_user else 'conversation'} {str(source)[:8]}"


def _share(name: str, rows: int, total: int) -> Share:
    return Share(name, rows, rows / total, rows / total > MOST)


def _order(one: Share) -> tuple[float, str, str]:
    return -one.share, one.intent, one.name
