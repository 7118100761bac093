"""Figures as people read them."""


def percent(share: float) -> str:
    """Write a share in [0, 1]: 91.2 %."""
    return f"{100 * share:.1f} %"


def points(difference: float) -> str:
    """Write a difference of two shares, with its sign and without the word: +0.9, −1.2, 0.0."""
    text = f"{100 * difference:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")


def count(n: int, one: str, many: str = "") -> str:
    """Write how many: 1 row, 1,546 rows."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(names: list[str], *, most: int = 5) -> str:
    """Write names one after the other: a, b and 3 more."""
    shown, rest = names[:most], len(names) - most
    if rest > 0:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
