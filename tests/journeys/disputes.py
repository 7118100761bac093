"""Turns that people differ about, of every kind that a reviewer meets."""

from uuid import uuid4

from annotation import adjudicating
from annotation.answering import Answer, Span, answer
from annotation.holding import take
from annotation.models import Annotation, GoldLabel
from annotation.rereading import read_again
from tests.factories import make_conversation, make_entity_type, make_intent, make_item

Verdict = Annotation.Verdict
GUESSES = [
    {"intent": "card_lost", "confidence": 0.41},
    {"intent": "card_stolen", "confidence": 0.38},
]
SAID = [
    "hi, my wallet is gone 🙈",
    "no it was taken in Lisbon, and nobody answers the phone",
    "أين بطاقتي؟",
    "a" * 90,
]


def say(item, user, *, intent=None, verdict=None, **said):
    """Hold an item and answer it, as its page does."""
    take(item.pk, user, bot=item.bot)
    verdict = verdict or (Verdict.INTENT if intent else Verdict.OUT_OF_SCOPE)
    key = intent.pk if intent else None
    return answer(item.pk, user, Answer(uuid4(), verdict, intent_id=key, **said), bot=item.bot)


def send_back(item, user, note):
    return adjudicating.send_back(
        item.pk, user, bot=item.bot, note=note, submission=uuid4(), shown=adjudicating.seen(item.pk)
    )


def two_intents(bot):
    """A pair that is easily mixed up, with their guidelines."""
    lost = make_intent(
        bot, "card_gone", guideline="The customer **cannot find** it.", good=["I lost my card"],
        bad=[("someone took it", "that is card_taken")],
    )  # fmt: skip
    return lost, make_intent(bot, "card_taken", guideline="Somebody took it.")


def a_talk(bot, text):
    before = {"text": "hello", "response": "Hello! What can I do for you?"}
    return make_conversation(bot, turns=[before, "my card", before])


def disputes_to_look_at(bot, *, ana, ben, reviewer):
    """Of every kind; the keys of the items whose pages are looked at, and of a gold label."""
    lost, taken = two_intents(bot)
    place = make_entity_type(bot, "place")
    made = [
        make_item(
            bot, text, conversation=a_talk(bot, text), answers_wanted=2, guesses=GUESSES,
            guess="card_lost", priority=0.01, reasons=["The user asked for a person."],
        )
        for text in SAID
    ]  # fmt: skip
    differ, marks, unsure, again = made
    say(differ, ana, intent=lost, seconds=8, note="He says gone, not taken.")
    say(differ, ben, intent=taken, seconds=41, better_answer="I have blocked your card.")
    here = SAID[1].index("Lisbon")
    say(marks, ana, intent=taken, spans=[Span(place.pk, here, here + 6, "Lisbon")])
    say(marks, ben, intent=taken)
    say(unsure, ana, verdict=Verdict.UNSURE, note="x" * 200)
    say(unsure, reviewer, verdict=Verdict.UNSURE)
    say(again, ana, intent=lost)
    say(again, ben, intent=lost)
    read_again(bot, again.turn_id, why="Its label looks wrong.", by=reviewer)
    send_back(again, reviewer, "Have another look at the last line, please.")
    settled = make_item(bot, "I can't find it", answers_wanted=2, priority=0.01)
    say(settled, ana, intent=lost)
    say(settled, ben, intent=taken)
    said = Annotation.objects.get(item=settled, annotator=ben)
    own = Answer(uuid4(), Verdict.INTENT, note="Somebody took it: read the first turn.")
    adjudicating.accept(said, reviewer, own, bot=bot, shown=adjudicating.seen(settled.pk))
    return {
        "dispute": differ, "dispute_marks": marks, "dispute_unsure": unsure,
        "dispute_sent_back": again, "dispute_settled": settled,
        "gold_label": GoldLabel.objects.current().get(turn=settled.turn_id),
    }  # fmt: skip
