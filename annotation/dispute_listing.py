"""The disputes of a bot as lists and pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import Bot, User
from accounts.pipelining import rows
from annotation import cards, guidelines, opinions
from annotation.cards import Card, Choice
from annotation.guidelines import Guideline
from annotation.models import AskedAnew, Dispute, Intent, SentBack
from annotation.models.disputes import DisputeQuerySet
from annotation.opinions import Opinion
from ingest.pieces import in_one_line

Kind = Dispute.Kind

SENT_BACK, NOBODY_LEFT, SETTLED = "sent_back", "nobody_left", "settled"
# What can be asked for beside a kind, in the order of the tabs.
STATES = (
    *Kind.choices,
    (SENT_BACK, "Sent back"),
    (NOBODY_LEFT, "No reviewer left"),
    (SETTLED, "Settled"),
)
MOST_GUIDELINES = 6


@dataclass(frozen=True, slots=True)
class Sought:
    """Which disputes somebody asks for. Empty: all that are open."""

    kind: str = ""  # a Kind, or one of the states beside
    intent: int | None = None
    person: int | None = None

    @property
    def is_narrow(self) -> bool:
        return self != Sought()


def disputes(bot: Bot, sought: Sought) -> DisputeQuerySet:
    """Those that are asked for, the longest waiting first; of settled ones the last first."""
    found = _of_whom(Dispute.objects.of(bot), sought)
    if sought.kind == SETTLED:
        return found.settled().last_settled_first()
    return found.open().filter(_is(sought.kind)).longest_first()


def _of_whom(found: DisputeQuerySet, sought: Sought) -> DisputeQuerySet:
    if sought.intent is not None:
        found = found.about(sought.intent)
    if sought.person is not None:
        found = found.with_an_answer_of(sought.person)
    return found


def _is(kind: str) -> Q:
    """What is sent back waits for others, so it is none of a kind that waits for reviewers."""
    if kind in (SENT_BACK, NOBODY_LEFT):
        return Q(**{kind: True})
    return Q(kind=kind, sent_back=False) if kind else Q()


@dataclass(frozen=True, slots=True)
class Tab:
    kind: str
    label: str
    number: int | None  # None: not counted


def tabs(bot: Bot, sought: Sought) -> list[Tab]:
    """Each kind with how many there are of what else is asked for; one statement."""
    counted = {kind: Count("pk", filter=_is(kind)) for kind, _ in STATES if kind != SETTLED}
    numbers = (
        _of_whom(Dispute.objects.of(bot), sought).open().aggregate(every=Count("pk"), **counted)
    )
    named = [Tab(kind, label, numbers.get(kind)) for kind, label in STATES]
    return [Tab("", "All", numbers["every"]), *named]


def number_open(bot: Bot) -> int:
    return Dispute.objects.of(bot).open().count()


OFFERED = """
SELECT 'intent', id, name FROM annotation_intent WHERE id IN (
    SELECT DISTINCT unnest(intents) FROM annotation_dispute
    WHERE bot_id = %(bot)s AND settled_at IS NULL
)
UNION ALL
SELECT 'person', id, COALESCE(NULLIF(trim(first_name || ' ' || last_name), ''), username)
FROM accounts_user WHERE id IN (
    SELECT DISTINCT unnest(people) FROM annotation_dispute
    WHERE bot_id = %(bot)s AND settled_at IS NULL
)
"""


def offered(bot: Bot) -> dict[str, list[tuple[int, str]]]:
    """The intents and people of open disputes, by name: what a filter can be set to."""
    found: dict[str, list[tuple[int, str]]] = {"intent": [], "person": []}
    for what, key, name in rows(OFFERED, {"bot": bot.pk}):
        found[what].append((key, name))
    return {what: sorted(each, key=lambda row: row[1].casefold()) for what, each in found.items()}


# ── a list of them ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Row:
    dispute: Dispute
    said: str
    opinions: list[Opinion]
    is_own: bool  # whether the reader gave one of the answers


def rows_of(page: Sequence[Dispute], *, reader: User) -> list[Row]:
    """What a list shows of them, in three statements."""
    said = opinions.of_items([each.pk for each in page])
    return [
        Row(each, in_one_line(each.item.turn.text), said[each.pk], _is_own(said[each.pk], reader))
        for each in page
    ]


def _is_own(said: Iterable[Opinion], reader: User) -> bool:
    """Whether the reader gave one of the answers. To be unsure is to be on no side."""
    return any(each.is_an_answer and each.said.annotator_id == reader.pk for each in said)


# ── one of them ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Page:
    """One dispute, with all that a reviewer looks at before they decide."""

    dispute: Dispute
    card: Card
    opinions: list[Opinion]
    choices: list[Choice]  # for an answer of their own
    common: str  # what everybody chose, where marks alone differ
    guidelines: list[Guideline]
    sent_back: list[SentBack]
    awaited: list[str]  # who is asked to answer anew, and has not
    others: list[str]  # who can be asked, by name
    is_own: bool

    @property
    def held_by(self) -> str:
        holder = self.dispute.item.holder
        return holder.shown_name if holder else ""


def page(dispute: Dispute, *, bot: Bot, reader: User) -> Page | None:
    """None if it was erased just now."""
    card = cards.card(dispute.item, bot=bot)
    if card is None:
        return None
    said = opinions.of_items([dispute.pk])[dispute.pk]
    choices = [*_chosen(said), *card.choices]
    return Page(
        dispute=dispute,
        card=card,
        opinions=said,
        choices=list({each.value: each for each in reversed(choices)}.values())[::-1],
        common=_common(said),
        guidelines=_guidelines(bot, dispute.intents),
        sent_back=list(dispute.item.sent_back.standing().select_related("by").order_by("pk")),
        awaited=_awaited(dispute),
        others=list(dict.fromkeys(o.who for o in said if o.said.annotator_id != reader.pk)),
        is_own=_is_own(said, reader),
    )


def _chosen(said: Iterable[Opinion]) -> list[Choice]:
    intents = [each.said.intent for each in said if each.said.intent]
    return [
        Choice(key="", name=each.name, title=each.title, id=each.pk, confidence=None)
        for each in intents
        if each.archived_at is None
    ]


def _common(said: Sequence[Opinion]) -> str:
    chosen = {
        f"i:{each.said.intent_id}" if each.said.intent_id else f"v:{each.said.verdict}"
        for each in said
    }
    return chosen.pop() if len(chosen) == 1 and said[0].is_an_answer else ""


def _guidelines(bot: Bot, intents: Sequence[int]) -> list[Guideline]:
    found = Intent.objects.of(bot).filter(pk__in=intents).prefetch_related("examples").by_name()
    most = guidelines.MOST_EXAMPLES_BESIDE
    return [guidelines.of_intent(each, most=most) for each in found[:MOST_GUIDELINES]]


def _awaited(dispute: Dispute) -> list[str]:
    if not dispute.sent_back:
        return []
    asked = AskedAnew.objects.waiting().filter(item=dispute.pk).select_related("person")
    return [each.person.shown_name for each in asked]


def next_after(dispute: Dispute, bot: Bot, sought: Sought) -> int | None:
    """The key of the one after it in the list, else of the first; None if it is alone."""
    if sought.kind == SETTLED:
        return None
    others = disputes(bot, sought).exclude(pk=dispute.pk)
    later = Q(since__gt=dispute.since) | Q(since=dispute.since, pk__gt=dispute.pk)
    keys = others.values_list("pk", flat=True)
    return keys.filter(since__gte=dispute.since).filter(later).first() or keys.first()
