"""Reports with something of everything that their pages show."""

from tests.factories import make_conversation, make_gold, make_intent, make_member
from tests.training.judged import make_full_report, make_report, make_version
from training import deciding, golden
from training.deciding import Seen


def reports_to_look_at(bot, *, by):
    """A live version, one that is harmed and rejected, one that passes, cases, four eyes."""
    talk = make_conversation(
        bot,
        turns=["hi, my wallet is gone", "بطاقتي ضاعت", "a" * 300, "no it was taken in Lisbon"],
    )
    turns = list(talk.turns.order_by("at"))
    intent = make_intent(bot, "w" * 117)
    make_gold(turns[0], make_member(bot, username="keeper"), intent=intent)
    cases = [
        golden.keep_turn(bot, turns[0].pk, by=by),
        golden.keep(
            bot, by=by, kind="direction", texts=["my card", "my lost card"], intent=intent,
            must_pass=True, why="Incident of May: a lost card was taken for a new one.",
        ),
        golden.keep(bot, by=by, kind="invariance", texts=["where is it", "where is it??"]),
    ]  # fmt: skip
    golden.archive(golden.keep(bot, by=by, kind="exact", texts=["weather"]), by=by)
    live = make_version(bot, content=b"live")
    make_full_report(live, harmed=False)
    promote(live, by)
    harmed = make_version(bot, content=b"harmed", started_by=by)
    make_full_report(harmed, champion=live, intents=40, rows=2500, turns=turns, golden=cases)
    seen = Seen(deciding.newest_report(harmed).sha256, harmed.sha256)
    deciding.reject(harmed, by=by, seen=seen, reason="One critical intent is harmed.")
    second = make_version(bot, content=b"second")
    make_report(second, champion=live)
    promote(second, by)
    make_full_report(second, champion=live, harmed=False, rows=5000)
    deciding.change_settings(bot, by=by, four_eyes=True)
    return {
        "harmed": harmed,
        "live_version": second,
        "report": harmed.reports.get(),
        "unjudged": make_version(bot, content=b"unjudged"),
    }


def promote(version, by):
    seen = Seen(deciding.newest_report(version).sha256, version.sha256)
    deciding.promote(version, by=by, seen=seen, reason="Better, and no intent regressed.")
