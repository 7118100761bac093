"""What happens in one conversation from hello to goodbye."""

from learnloop.sample.hearing import CONFUSED, LOST
from learnloop.sample.phrasebook import Phrases
from learnloop.sample.talking import Talk
from learnloop.sample.trouble import fail, react, trouble_with
from learnloop.sample.wishes import wish

# How often each is what a conversation is about. Those at the end have no intent.
WISHES = {
    **{"card_lost": 9, "card_stolen": 8, "freeze_card": 7, "card_arrival": 9},
    **{"card_declined": 9, "check_balance": 9, "transfer_money": 8, "transfer_failed": 8},
    **{"direct_debit_cancel": 7, "dispute_charge": 8, "reset_pin": 7, "change_address": 5},
    **{"opening_hours": 6, "talk_to_person": 4},
    **{"loan": 5, "wallet": 3, "other": 3},
}
OUTSIDE = ("loan", "wallet", "other")

# What people want next. Anything may follow the others.
THEN = {
    "card_lost": ("card_arrival", "reset_pin", "check_balance"),
    "card_stolen": ("dispute_charge", "card_arrival", "check_balance"),
    "freeze_card": ("card_declined", "dispute_charge"),
    "card_arrival": ("reset_pin", "change_address"),
    "card_declined": ("check_balance", "reset_pin"),
    "transfer_failed": ("check_balance", "transfer_money"),
    "dispute_charge": ("freeze_card", "direct_debit_cancel"),
    "change_address": ("card_arrival", "opening_hours"),
    "check_balance": ("transfer_money", "dispute_charge"),
    "direct_debit_cancel": ("dispute_charge", "check_balance"),
}


def play(talk: Talk, *, switches: bool) -> None:
    if talk.chance(0.12):
        wish(talk, "greeting")
    about = talk.rng.choices(list(WISHES), list(WISHES.values()))[0]
    _bring_up(talk, about)
    if switches and not talk.over:
        about = _other_wish(talk, about)
        _switch(talk, about)
    while _wants_more(talk):
        about = _other_wish(talk, about)
        _bring_up(talk, about)
    _part(talk)


def _wants_more(talk: Talk) -> bool:
    ready = not talk.over and talk.room > 4 and talk.turns[-1].smooth
    return ready and talk.chance(0.24)


def _other_wish(talk: Talk, about: str) -> str:
    likely = THEN.get(about) or [name for name in THEN if name != about]
    return talk.rng.choice(likely)


def _bring_up(talk: Talk, about: str) -> None:
    if about in OUTSIDE:
        _ask_outside(talk, about)
    else:
        wish(talk, about)


def _ask_outside(talk: Talk, topic: str) -> None:
    """Ask for what the bot knows nothing about, once or twice."""
    talk.new_wish()
    for _ in range(talk.rng.choice((1, 2, 2))):
        said = talk.write(talk.pick(talk.book.out_of_scope[topic]))
        understood = trouble_with(talk, said, topic, hard=True)
        kind = understood if understood == CONFUSED else LOST
        fail(talk, said, topic, kind=kind)
        react(talk)
        if talk.over:
            return


def _switch(talk: Talk, about: str) -> None:
    """Go on in the other language. The bot sees it after one turn."""
    here, there = talk.language, "es" if talk.language == "en" else "en"
    talk.language = there
    talk.new_wish()
    said = talk.write(talk.pick(talk.book.direct[about]))
    talk.language = here
    fail(talk, said, about, kind=LOST)
    talk.language = there
    talk.preface = f"{talk.book.bot.switch} "
    _bring_up(talk, about)


def _part(talk: Talk) -> None:
    """Say goodbye, or just leave. Nobody leaves after a single turn."""
    if (talk.over or talk.chance(0.3)) and len(talk.turns) > 1:
        return
    said = talk.write(talk.rng.choice(_last_words(talk)))
    hard = not talk.turns[-1].smooth
    talk.new_wish()
    talk.add(said, talk.book.bot.bye, talk.guess(said, "greeting", hard=hard))
    talk.parted = True


def _last_words(talk: Talk) -> Phrases:
    last = talk.turns[-1]
    if not last.smooth:
        return talk.book.thanks_for_nothing
    asked = last.reply.endswith(talk.book.bot.more)
    return talk.book.no_more if asked else talk.book.thanks
