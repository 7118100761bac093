"""Intents about balances, transfers and charges."""

from learnloop.sample.sample_intent import SampleIntent

MONEY_INTENTS = (
    SampleIntent(
        name="check_balance",
        title="Balance",
        guideline="""\
The customer wants to know **how much is on an account**, or whether money came in.

- "Am I in the red?", "did my salary come in?" belong here.
- They sent money that did not arrive at somebody else's: `transfer_failed`.
- A payment on the statement is unknown to them: `dispute_charge`.""",
        good=(
            "what's my balance?",
            "how much is left in my savings account",
            "has my salary come in?",
            "am I in the red?",
            "Dime el saldo de mi cuenta corriente",
        ),
        bad=(
            ("Marta didn't get the €50 I sent", "Money that was sent: transfer_failed."),
            ("what is this €30 from Fitorama?", "About one charge: dispute_charge."),
        ),
    ),
    SampleIntent(
        name="transfer_money",
        title="Send money",
        guideline="""\
The customer wants to **send or move money now**, or asks how that is done.

- To other people, other banks and between their own accounts.
- It was sent and something went wrong: `transfer_failed`.
- A company takes the money by itself each month: `direct_debit_cancel`.
- They want to borrow money: out of scope, as long as there is no intent for loans.""",
        good=(
            "send 50 euros to Marta",
            "how do I make a transfer?",
            "move €200 to my savings account",
            "I owe Tom €20",
            "Quiero hacer una transferencia",
        ),
        bad=(
            ("I sent 50 euros and it came back", "It is done already: transfer_failed."),
            ("can I borrow 5000 euros?", "A loan: out of scope."),
        ),
    ),
    SampleIntent(
        name="transfer_failed",
        title="Transfer went wrong",
        guideline="""\
A transfer **was tried or sent** and failed, came back, is late or did not arrive.

- "It's still pending", "she hasn't got it" belong here.
- They want to send money and nothing has gone wrong yet: `transfer_money`.
- A payment by card was refused: `card_declined`.""",
        good=(
            "my transfer failed",
            "I sent €300 on Monday and it never arrived",
            "why did it come back?",
            "Nadia says there's nothing there",
            "La transferencia no ha llegado",
        ),
        bad=(
            ("send it again to Nadia", "A new transfer: transfer_money."),
            ("the shop refused my payment", "By card: card_declined."),
        ),
    ),
    SampleIntent(
        name="direct_debit_cancel",
        title="Stop a direct debit",
        guideline="""\
The customer wants a company to **stop taking money in future**.

- Direct debits, mandates, "the monthly payment to …" belong here.
- They want money **back** for a charge in the past: `dispute_charge`.
- They want both: `direct_debit_cancel`, because each further month costs them.""",
        good=(
            "cancel the direct debit to Fitorama",
            "how do I stop StreamPlanet from taking money?",
            "I left them, end the mandate",
            "no more money for Verdaluz",
            "Quiero anular un recibo domiciliado",
        ),
        bad=(
            ("Fitorama charged me twice, I want it back", "The past: dispute_charge."),
            ("stop my transfer to Tom", "Not taken by a company: transfer_failed."),
        ),
    ),
    SampleIntent(
        name="dispute_charge",
        title="Unknown or wrong charge",
        guideline="""\
A charge is **already booked**; the customer does not know it, or wants the money back.

- Charged twice, refund that did not come, "that wasn't me" belong here.
- The card itself was taken: `card_stolen`, even if there are charges too.
- They only want future payments to end: `direct_debit_cancel`.""",
        good=(
            "I don't recognise this charge",
            "MegaGadget24 charged me twice",
            "€60 in Bilbao? I've never been there",
            "I want my money back from Kioskito",
            "No reconozco un cargo en mi tarjeta",
        ),
        bad=(
            ("they stole my card and bought things", "The card is gone: card_stolen."),
            ("Fitorama still takes €30 each month, end it", "Future: direct_debit_cancel."),
        ),
        critical=True,
    ),
)
