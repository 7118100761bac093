"""What people should know of a version before they train on it, in sentences."""

from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma

from accounts.models import User
from training.models import DatasetVersion, Fate

GENTLY = 3  # names that are listed


@dataclass(frozen=True, slots=True)
class Caution:
    """`about` says where the page leads: "audit", "clashes", "git", or nowhere."""

    heading: str
    text: str
    about: str = ""


def cautions_of(version: DatasetVersion) -> list[Caution]:
    found = [
        *_no_audit(version),
        *_held_back(version),
        *_clashing(version),
        *_busiest(version),
        *_erased(version),
    ]
    return found


def _no_audit(version: DatasetVersion) -> list[Caution]:
    if version.audit_count:
        return []
    return [
        Caution(
            "No audit rows.",
            "It can be trained on, but nothing honest can be measured with it. Answer turns of "
            "the audit lane under Review, then freeze again.",
            "audit",
        )
    ]


def _held_back(version: DatasetVersion) -> list[Caution]:
    held = list(version.intents.filter(expected__isnull=False, lifted_at=None))
    if not held:
        return []
    names = ", ".join(str(each) for each in held[:GENTLY])
    more = f" and {len(held) - GENTLY} more" if len(held) > GENTLY else ""
    rows = intcomma(sum(each.quarantined_count for each in held))
    return [
        Caution(
            "Something grew too fast.",
            f"{names}{more}: {rows} new rows are held back until somebody has looked at them. Open "
            "the intent to look, and to let them into the next version.",
        )
    ]


def _clashing(version: DatasetVersion) -> list[Caution]:
    if not version.clash_count:
        return []
    texts = "text has" if version.clash_count == 1 else "texts have"
    return [
        Caution(
            f"{intcomma(version.clash_count)} {texts} two labels.",
            "All are kept, and teach that the text can mean either. Where one is wrong, answer it "
            "again.",
            "clashes",
        )
    ]


def _busiest(version: DatasetVersion) -> list[Caution]:
    people = User.objects.in_bulk([person for person, _ in version.busiest])
    return [
        Caution(
            f"{people[person].shown_name} gave {rows / version.train_count:.0%} of what is "
            "trained on.",
            f"{intcomma(rows)} of {intcomma(version.train_count)} rows. Over a fifth, the habits "
            "of one person become those of the bot: let others label too.",
        )
        for person, rows in version.busiest
        if person in people and version.train_count
    ]


def _erased(version: DatasetVersion) -> list[Caution]:
    if not version.erased_count:
        return []
    rows = "row is" if version.erased_count == 1 else "rows are"
    in_git = version.erased_count > version.erased_in_git
    return [
        Caution(
            f"{intcomma(version.erased_count)} {rows} gone.",
            "Their conversations were deleted since it was frozen. "
            + (
                "Git still has them, and loses them tonight."
                if in_git
                else "Git does not have them any more either."
            ),
            "git" if in_git else "",
        )
    ]


def reasons_of(left_out: dict[str, int]) -> list[tuple[str, int]]:
    """Why rows are left out, and how many for each reason, most first."""
    found = [(Fate(int(fate)).label, rows) for fate, rows in left_out.items()]
    return sorted(found, key=lambda each: (-each[1], each[0]))
