"""Intents about cards and their PIN."""

from learnloop.sample.sample_intent import SampleIntent

CARD_INTENTS = (
    SampleIntent(
        name="card_lost",
        title="Card lost",
        guideline="""\
The customer **cannot find** the card and does not say that anybody took it.

- "Gone", "not there", "left it in a taxi" belong here.
- Somebody took it, or there was a robbery: `card_stolen`.
- They know where it is and want it off for a while: `freeze_card`.
- In doubt between lost and stolen, take `card_stolen`: it is the safer mistake.""",
        good=(
            "I lost my card",
            "can't find my debit card anywhere",
            "I left my card in a taxi in Porto",
            "my wallet is gone",
            "He perdido mi tarjeta",
        ),
        bad=(
            ("someone took my wallet on the metro", "Taken by a person: card_stolen."),
            ("my card is at home, switch it off till Sunday", "Not lost: freeze_card."),
            ("my new card got lost in the post", "It never arrived: card_arrival."),
        ),
        critical=True,
    ),
    SampleIntent(
        name="card_stolen",
        title="Card stolen",
        guideline="""\
**Somebody took** the card: theft, robbery, a pickpocket, a bag or wallet that was stolen.

- Also when somebody else holds the card and uses it now.
- Nobody is blamed and it is just not there: `card_lost`.
- The customer still holds the card but sees a payment they did not make: `dispute_charge`.""",
        good=(
            "my card was stolen",
            "I was robbed and they took my credit card",
            "somebody else has my card and is using it",
            "pickpockets in Lisbon took my wallet",
            "Me han robado la tarjeta",
        ),
        bad=(
            ("I can't find my card", "Nobody took it: card_lost."),
            ("someone paid with my card but I have it here", "Card in hand: dispute_charge."),
        ),
        critical=True,
    ),
    SampleIntent(
        name="freeze_card",
        title="Freeze or unfreeze a card",
        guideline="""\
The customer **has the card**, or knows where it is, and wants it off for a time or on again.

- "Freeze", "pause", "lock", "switch off", "block for a while" belong here.
- "Block it, I lost it" is `card_lost`; "block it, it was stolen" is `card_stolen`.
- The card does not work and they don't know why: `card_declined`.""",
        good=(
            "freeze my credit card please",
            "can I pause my card for a few days?",
            "unfreeze my debit card",
            "block it for a while, I still have it",
            "Quiero congelar mi tarjeta",
        ),
        bad=(
            ("block my card, I lost it", "The reason decides: card_lost."),
            ("why is my card blocked?", "They did not ask for it: card_declined."),
        ),
        critical=True,
    ),
    SampleIntent(
        name="card_arrival",
        title="Where is my new card?",
        guideline="""\
A card was **ordered or promised** and the customer asks when or whether it comes.

- Delivery time, tracking, "nothing in the letterbox" belong here.
- They had the card and lost it: `card_lost`.
- They ask us to send it to another address: `change_address`.
- The card came and the PIN did not: `reset_pin`.""",
        good=(
            "when will my new card arrive?",
            "still waiting for my card",
            "can I track my debit card",
            "the PIN came but not the card",
            "¿Cuánto tarda en llegar la tarjeta?",
        ),
        bad=(
            ("send the new card to my new flat", "About the address: change_address."),
            ("the card is here but no PIN", "About the PIN: reset_pin."),
        ),
    ),
    SampleIntent(
        name="card_declined",
        title="Card refused",
        guideline="""\
The customer **tried to pay or draw money with a card** and it was refused.

- Shops, online payments and cash machines belong here.
- The PIN was wrong or is forgotten: `reset_pin`, even if the card was refused because of it.
- A bank transfer came back: `transfer_failed`.""",
        good=(
            "my card was declined",
            "the cash machine won't take my card",
            "couldn't pay for dinner in Valencia",
            "it says insufficient funds but I have money",
            "Me han rechazado la tarjeta",
        ),
        bad=(
            ("wrong PIN three times, now it's blocked", "The PIN is the cause: reset_pin."),
            ("my payment to Tom was sent back", "A transfer, no card: transfer_failed."),
        ),
    ),
    SampleIntent(
        name="reset_pin",
        title="PIN forgotten or blocked",
        guideline="""\
The customer needs, forgot, blocked or wants to change the **PIN of a card**.

- "The code", "the four numbers" mean the PIN.
- The password of the app is not a PIN: mark it out of scope.
- Refused without any word of a PIN: `card_declined`.""",
        good=(
            "I forgot my PIN",
            "typed it wrong three times",
            "how do I change my PIN?",
            "I never got the letter with the code",
            "He olvidado mi PIN",
        ),
        bad=(
            ("I forgot my app password", "Not a card's PIN: out of scope."),
            ("the terminal said no", "No PIN is mentioned: card_declined."),
        ),
    ),
)
