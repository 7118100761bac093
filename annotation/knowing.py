"""Which turns are known well enough to ask somebody about, as reviewers see it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q

from accounts.models import Bot, User
from accounts.security_log import record
from annotation.models import GoldLabel, GoldQuestion, KnownTurn, ReviewItem
from ingest.pieces import in_one_line

Source = KnownTurn.Source
PAGE = 50


class NothingKnown(Exception):
    """The turn has no label, or it got one along with another turn: it can't be asked about."""


@transaction.atomic
def say(bot: Bot, turn_id: UUID, source: KnownTurn.Source, *, by: User) -> None:
    """Have others asked about a labelled turn from now on, or never. Raise NothingKnown."""
    labels = GoldLabel.objects.of(bot).current().filter(turn=turn_id, by_likeness=False)
    if not labels.exists() or not ReviewItem.objects.of(bot).filter(turn=turn_id).exists():
        raise NothingKnown
    KnownTurn.objects.update_or_create(
        turn_id=turn_id, bot=bot, defaults={"source": source, "by": by}
    )
    record("known_turn_said", by=by, bot_id=bot.pk, turn_id=str(turn_id), source=source.value)


# ── what there is ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Row:
    """A labelled turn, and how it fared as a question."""

    turn_id: UUID
    conversation_id: UUID
    said: str
    meaning: str
    by: str
    source: KnownTurn.Source | None = None
    asked: int = 0
    right: int = 0

    @property
    def can_be_marked(self) -> bool:
        return self.source != Source.MARKED

    @property
    def can_be_barred(self) -> bool:
        return self.source is not None and self.source != Source.BARRED


@dataclass(frozen=True)
class Labels:
    """The newest gold labels before one, which can be marked."""

    rows: list[Row]
    is_first: bool
    older_before: int | None


COUNTS = """
SELECT source, count(*) FROM annotation_knownturn WHERE bot_id = %s GROUP BY source
"""


def counts(bot: Bot) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [bot.pk])
        return dict(cursor.fetchall())


def known_rows(known: Sequence[KnownTurn]) -> list[Row]:
    """Of one page, in its order; a turn that has no label any more is left out."""
    current = GoldLabel.objects.current().filter(turn__in=[each.pk for each in known])
    labels = {label.turn_id: label for label in _shown(current)}
    return _rows([labels[each.pk] for each in known if each.pk in labels], known)


def labels(bot: Bot, *, before: int | None) -> Labels:
    newest = _shown(GoldLabel.objects.of(bot).current().filter(by_likeness=False)).order_by("-pk")
    if before is not None:
        newest = newest.filter(pk__lt=before)
    found = list(newest[: PAGE + 1])
    shown = found[:PAGE]
    known = KnownTurn.objects.filter(pk__in=[label.turn_id for label in shown])
    older = shown[-1].pk if len(found) > PAGE else None
    return Labels(_rows(shown, list(known)), before is None, older)


def _shown(labels: Any) -> Any:
    return labels.select_related("turn", "intent", "annotation__annotator")


def _rows(labels: Iterable[GoldLabel], known: Sequence[KnownTurn]) -> list[Row]:
    labels = list(labels)
    sources = {each.pk: KnownTurn.Source(each.source) for each in known}
    asked = _asked([label.turn_id for label in labels])
    return [
        Row(
            turn_id=label.turn_id,
            conversation_id=label.turn.conversation_id,
            said=in_one_line(label.turn.text),
            meaning=label.intent.name if label.intent else label.get_verdict_display(),
            by=label.annotation.annotator.shown_name,
            source=sources.get(label.turn_id),
            asked=asked.get(label.turn_id, (0, 0))[0],
            right=asked.get(label.turn_id, (0, 0))[1],
        )
        for label in labels
    ]


def _asked(turns: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    counted = GoldQuestion.objects.counted().filter(item__turn__in=turns)
    groups = counted.values_list("item__turn").order_by()
    rows = groups.annotate(asked=Count("pk"), hits=Count("pk", filter=Q(right=True)))
    return {turn: (asked, right) for turn, asked, right in rows}
