"""One page of conversations, found by its place so that the thousandth page is as quick."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Left

from accounts.models import Bot
from ingest import finding, limiting, marks
from ingest.finding import Place, Wanted
from ingest.models import Conversation, ConversationQuerySet, Signal, Turn
from ingest.pieces import in_one_line

PAGE = 50
MOST_COUNTED = 1000
# No index holds the distinct channels, so they are taken from the newest conversations alone.
LOOKED_AT_FOR_CHOICES = 2000
MOST_CHOICES = 300
SECONDS = 2.0
SECONDS_TO_COUNT = 0.3
LONGEST_OPENING = 160  # characters


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation, written out: templates take their time over numbers and dates."""

    key: UUID
    opening: str
    signals: list[marks.Mark]
    outcome: marks.Mark
    channel: str
    language: str
    turns: str
    confidence: str
    started: str  # ISO 8601, for programs
    started_in_words: str


@dataclass(frozen=True)
class Choices:
    """Words that conversations of the bot have, sorted."""

    channels: list[str]
    languages: list[str]
    intents: list[str]
    is_empty: bool  # the bot has no conversation at all


@dataclass
class Page:
    """What was read. It is filled step by step, and stays as it is when time is up."""

    is_first: bool
    rows: list[Row] = field(default_factory=list)
    older_before: Place | None = None  # None on the last
    number: int | None = None  # None if it is not known; one more than MOST_COUNTED for "more"
    choices: Choices | None = None
    is_read: bool = False  # False: time was up before the rows were there

    @property
    def is_empty(self) -> bool:
        """Whether the bot has no conversation at all."""
        return self.choices is not None and self.choices.is_empty

    @property
    def number_in_words(self) -> str:
        number = self.number or 0
        if number > MOST_COUNTED:
            return f"More than {MOST_COUNTED:,} conversations"
        return f"{number:,} conversation{'' if number == 1 else 's'}"


def page(bot: Bot, wanted: Wanted) -> Page:
    """The newest conversations that are wanted, or those before a place."""
    read = Page(is_first=wanted.before is None)
    try:
        with limiting.reading_for(SECONDS):
            read.choices = _choices(bot)
            few = finding.few_of(bot, wanted)
            found = finding.conversations(bot, wanted, among=few)
            _put(list(_with_openings(found)[: PAGE + 1]), read)
            # To count those of a word that very many say takes too long.
            if read.is_first and (few is not None or not wanted.words):
                read.number = _number(found, read, are_few=few is not None)
    except limiting.TooSlow:
        pass
    return read


def _put(found: list[Conversation], read: Page) -> None:
    shown = found[:PAGE]
    if len(found) > PAGE:
        read.older_before = Place(shown[-1].started_at, shown[-1].pk)
    read.rows = [_row(conversation) for conversation in shown]
    read.is_read = True


def _row(conversation: Conversation) -> Row:
    opening: str = conversation.opening  # type: ignore[attr-defined]  # annotated
    sure = conversation.lowest_confidence
    return Row(
        key=conversation.pk,
        opening=in_one_line(opening),
        signals=marks.signals(conversation.signals),
        outcome=marks.outcome(conversation.outcome),
        channel=conversation.channel,
        language=conversation.language,
        turns=f"{conversation.turn_count:,}",
        confidence="" if sure is None else f"{sure:.2f}",
        started=conversation.started_at.isoformat(),
        started_in_words=f"{conversation.started_at:%-d %b %Y, %H:%M}",
    )


def _with_openings(found: ConversationQuerySet) -> ConversationQuerySet:
    """Say of each, as `opening`, what its most telling turn says, else its first."""
    flagged = Signal.objects.filter(conversation=OuterRef("pk")).exclude(turn__text="")
    first = Turn.objects.filter(conversation=OuterRef("pk")).exclude(text="").in_order()
    return found.newest_first().annotate(
        opening=Coalesce(
            Subquery(
                flagged.order_by("-weight", "at", "pk").values(
                    said=Left("turn__text", LONGEST_OPENING)
                )[:1]
            ),
            Subquery(first.values(said=Left("text", LONGEST_OPENING))[:1]),
            Value(""),
        )
    )


def _number(found: ConversationQuerySet, read: Page, *, are_few: bool) -> int:
    if read.older_before is None:
        return len(read.rows)
    if not are_few:
        limiting.limit_to(SECONDS_TO_COUNT)
    return found.order_by()[: MOST_COUNTED + 1].count()


# Counted out by the database: two thousand rows take longer to send than to look at.
CHOICES = """
WITH newest AS MATERIALIZED (
    SELECT channel, language, intents FROM ingest_conversation
    WHERE bot_id = %s ORDER BY started_at DESC, id DESC LIMIT %s
)
SELECT ARRAY(SELECT DISTINCT channel FROM newest),
    ARRAY(SELECT DISTINCT language FROM newest),
    ARRAY(SELECT DISTINCT unnest(intents) FROM newest)
"""


def _choices(bot: Bot) -> Choices:
    with connection.cursor() as cursor:
        cursor.execute(CHOICES, [bot.pk, LOOKED_AT_FOR_CHOICES])
        channels, languages, intents = cursor.fetchone()
    # Where there is a row there is a channel, if only the empty one.
    return Choices(_sorted(channels), _sorted(languages), _sorted(intents), is_empty=not channels)


def _sorted(words: list[str]) -> list[str]:
    return sorted(filter(None, words), key=lambda word: (word.casefold(), word))[:MOST_CHOICES]
