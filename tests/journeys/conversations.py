"""Conversations with everything that a page may have to show."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from ingest.models import Conversation
from tests.factories import make_conversation, make_feedback, make_turn

SIGNALS = ["bot_error", "low_confidence", "repetition", "thumbs_down"]
NAUGHTY = (
    "<script>alert(1)</script> {{ settings }} {% now %} \u202edesrever si siht\u202c "
    + "unbreakable" * 40
)


def rich_conversation(bot):
    """Arabic, emoji, markup, long words, errors, feedback, in one conversation."""
    start = timezone.now() - timedelta(hours=2)
    conversation = make_conversation(
        bot,
        name="c-48213",
        started_at=start,
        last_at=start + timedelta(minutes=9),
        turn_count=6,
        channel="web",
        channel_at=start,
        language="ar",
        language_at=start,
        users=[UUID(int=0x1234567890ABCDEF1234567890ABCDEF)],
        intents=["card_lost", "card_stolen"],
        lowest_confidence=0.38,
        escalated_at=start + timedelta(minutes=8),
        closed_at=start + timedelta(minutes=9),
        outcome=Conversation.Outcome.ESCALATED,
        signals=SIGNALS,
        searchable=False,
    )
    first, *_, last = [
        make_turn(conversation, at=start + timedelta(minutes=number), **turn)
        for number, turn in enumerate(turns())
    ]
    make_feedback(conversation, about=first, thumb="up", rating=5)
    make_feedback(
        conversation,
        about=last,
        thumb="down",
        rating=1,
        reported=True,
        comment="هذا ليس ما سألت عنه، I asked for my card 😡",
    )
    make_feedback(conversation, at=start + timedelta(minutes=2.5), comment="Nice.", rating=4)
    return conversation


def turns():
    alternatives = [
        {"intent": "card_lost", "confidence": 0.41},
        {"intent": "card_stolen", "confidence": 0.38},
        {"intent": "freeze_card", "confidence": 0.09},
    ]
    return [
        {
            "text": "hi 👋🏽, my wallet is gone. Write to ⟨email⟩ or call ⟨phone⟩",
            "response": "Sorry to hear that. You can order a new card under Cards.",
            "intent": "card_lost",
            "confidence": 0.93,
            "latency_ms": 412,
            "model_version": "nlu-2026-05",
            "redacted": {"email": 1, "phone": 1},
        },
        {
            "text": "لا، لقد سُرقت في لشبونة أمس",
            "response": "عذراً، لم أفهم ذلك.",
            "intent": "card_lost",
            "confidence": 0.41,
            "alternatives": alternatives,
            "entities": [
                {"type": "city", "value": "لشبونة", "start": 17, "end": 23},
                {"type": "day", "value": "أمس", "start": 24, "end": 27},
                {"type": "amount", "value": "12 €", "start": 90, "end": 99},
            ],
            "signals": ["low_confidence", "repetition"],
            "latency_ms": 5120,
            "dialog_state": {"flow": "card", "slots": {"city": "لشبونة", "tries": 2}},
        },
        {"text": NAUGHTY, "response": "1. Open the app\n2. Choose Cards\n3. Order", "mended": True},
        {
            "text": "hello?? \ufffd",
            "response": "",
            "error": "TimeoutError: the flow did not answer within 5 s",
            "signals": ["bot_error"],
            "intent": "greet",
            "confidence": None,
        },
        {"text": "", "response": "Are you still there? 👩‍👩‍👧"},
        {
            "text": "a long story " * 260,
            "response": "Thank you.",
            "intent": "card_stolen",
            "confidence": 0.38,
            "signals": ["thumbs_down"],
        },
    ]


def a_list_of_conversations(bot):
    """Some rows for the list, of every outcome."""
    now = timezone.now()
    texts = [
        "where is my new card",
        "تأخرت بطاقتي كثيراً",
        "I was charged twice for the same thing, please have a look at it before Friday " * 3,
        "",
        "👍",
        "w" * 200,
    ]
    for number, text in enumerate(texts):
        make_conversation(
            bot,
            turns=[{"text": text}],
            started_at=now - timedelta(hours=5 * number),
            outcome=list(Conversation.Outcome)[number % 4],
            channel=["web", "whatsapp", ""][number % 3],
            language=["en", "ar", ""][number % 3],
            lowest_confidence=[0.92, 0.41, None][number % 3],
            signals=[[], ["escalation", "low_rating"], ["slow_answer"]][number % 3],
            intents=["card_arrival"],
        )
