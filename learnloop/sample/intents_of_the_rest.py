"""Intents about the customer, the branches and the conversation itself."""

from learnloop.sample.sample_intent import SampleIntent

OTHER_INTENTS = (
    SampleIntent(
        name="change_address",
        title="New address",
        guideline="""\
The customer **moved or will move**, or wants cards and letters to go elsewhere.

- New phone numbers and e-mail addresses belong here too.
- The address of a branch: `opening_hours`.
- The card is late, no word of another address: `card_arrival`.""",
        good=(
            "I moved, how do I change my address?",
            "my letters still go to my ex",
            "the new card must not go to the old flat",
            "we're moving to Seville",
            "Cambio de domicilio",
        ),
        bad=(
            ("what's the address of the branch in Porto?", "Ours: opening_hours."),
            ("my card still isn't here", "Late, not elsewhere: card_arrival."),
        ),
    ),
    SampleIntent(
        name="opening_hours",
        title="Branches and opening hours",
        guideline="""\
**When or where** a branch is open, and whether an appointment is needed.

- "Can I still come by?", "you're closed!" belong here.
- They want to speak to somebody now, in the chat or by phone: `talk_to_person`.""",
        good=(
            "what are your opening hours?",
            "is the branch in Lisbon open on Saturday?",
            "I'm at the door and it's closed",
            "do I need an appointment?",
            "¿A qué hora cierra la oficina de Madrid?",
        ),
        bad=(
            ("is anyone there?", "In this chat: talk_to_person."),
            ("can somebody call me tomorrow?", "By phone: talk_to_person."),
        ),
    ),
    SampleIntent(
        name="talk_to_person",
        title="Wants a person",
        guideline="""\
The customer asks for **a human being** instead of the bot, in words or by calling it useless.

- Anger with a request in it goes to the request: "for the third time, freeze my card!" is
  `freeze_card`.
- Anger with nothing else in it belongs here.
- Visiting a branch: `opening_hours`.""",
        good=(
            "agent please",
            "I want to talk to a person",
            "is there a number I can call?",
            "this bot is a joke",
            "Quiero hablar con una persona",
        ),
        bad=(
            ("for the third time, freeze my card!", "There is a request: freeze_card."),
            ("when can I speak to someone at the branch?", "A visit: opening_hours."),
        ),
    ),
    SampleIntent(
        name="greeting",
        title="Hello, thanks, goodbye",
        guideline="""\
Politeness **without a request**: hello, thank you, goodbye, a lone emoji.

- A greeting with a request goes to the request.
- "No, thanks" that refuses what the bot has just offered: `answer_to_bot`.""",
        good=("hi", "good morning", "thanks, bye", "quick question", "Hola, buenas tardes"),
        bad=(
            ("hi, I lost my card", "There is a request: card_lost."),
            ("no thanks", "After an offer of the bot: answer_to_bot."),
        ),
    ),
    SampleIntent(
        name="answer_to_bot",
        title="Answers the bot's question",
        guideline="""\
The text **only makes sense after the bot's question**: yes, no, a card, a day, an amount.

- Read the turn before. If the bot had not asked, choose another intent.
- A new wish in between goes to that wish: "credit. And my PIN?" is `reset_pin`.
- A correction that names the wish again goes to the wish: "no, it was stolen" is `card_stolen`.""",
        good=("yes please", "the debit card", "last Friday, in Porto", "€250", "La de crédito"),
        bad=(
            ("no, it was stolen", "Names the wish: card_stolen."),
            ("no thanks, that's all, bye", "Ends the chat, answers nothing: greeting."),
        ),
    ),
)
