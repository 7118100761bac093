"""What the bot asks and answers about each intent, in English."""

from learnloop.sample.phrasebook import CONFIRM, Flow, Phrases, Step

CARD: Phrases = (
    "The {card_type} card.",
    "{card_type}",
    "My {card_type} one.",
    "It's the {card_type} card",
    "{card_type} I think",
    "The {card_type} card, the blue one.",
    "{card_type}, it ends in {last4}",
    "The {card_type} card, number {card_number}",
    "Only the {card_type}.",
)
DATE: Phrases = (
    "{date}",
    "I think {date}.",
    "It was {date}",
    "{date}, in {city}.",
    "Not sure, {date} maybe?",
    "{date} I think",
    "must have been {date}",
)
AMOUNT: Phrases = (
    "{amount}",
    "It was {amount}.",
    "{amount}, I think.",
    "Exactly {amount}",
    "{amount} in total",
)
TO_SEND: Phrases = ("{amount}", "{amount} please", "Send {amount}.", "{amount}, like last month")
ACCOUNT: Phrases = (
    "My {account}.",
    "{account}",
    "The {account} please",
    "From the {account}",
    "{account}, as always",
    "the {account} I guess",
)
WHICH_CARD = "debit, credit or prepaid?"

FLOWS: dict[str, Flow] = {
    "card_lost": Flow(
        steps=(
            Step("card_type", f"I am sorry to hear that. Which card is it: {WHICH_CARD}", CARD),
            Step("date", "When did you last have it?", DATE),
            Step(
                CONFIRM,
                "Your {card_type} card is now blocked. Shall I order a new one to your address?",
            ),
        ),
        done="Done. Your new {card_type} card is on its way and takes 4 to 6 working days.",
        refused="All right, no new card was ordered. The lost one stays blocked.",
        asides=(
            ("What does a new card cost?", "A new card is free of charge."),
            ("And if I find it again?", "A card that was reported lost cannot be used again."),
        ),
    ),
    "card_stolen": Flow(
        steps=(
            Step(
                "card_type",
                f"I am sorry, let us stop that card at once. Which one was taken: {WHICH_CARD}",
                CARD,
            ),
            Step("date", "When did it happen?", DATE),
            Step(
                CONFIRM,
                "Your {card_type} card is blocked. Do you see payments that you did not make?",
                (
                    "Yes",
                    "yes, one of {amount}",
                    "Yes, at {merchant}.",
                    "yes there are two",
                    "Yes!!",
                ),
                ("No", "No, nothing so far.", "no, looks fine", "Not that I can see"),
            ),
        ),
        done="Thank you. Our fraud team will look at them and write to you within a working day. "
        "A new card is on its way.",
        refused="Good. A new card is on its way. Please report the theft to the police as well.",
        asides=(
            ("Do I have to go to the police?", "Yes, please keep a copy of the report."),
            ("Will I get my money back?", "Payments after a report are not charged to you."),
        ),
    ),
    "freeze_card": Flow(
        steps=(
            Step("card_type", f"Which card would you like to freeze: {WHICH_CARD}", CARD),
            Step(
                CONFIRM,
                "I can freeze your {card_type} card now. Payments will be refused until you "
                "unfreeze it. Go on?",
            ),
        ),
        done="Your {card_type} card is frozen. You can unfreeze it under Cards in the app.",
        refused="All right, your {card_type} card stays active.",
        asides=(
            ("Do my subscriptions still get paid?", "No, card subscriptions are refused too."),
        ),
    ),
    "card_arrival": Flow(
        steps=(
            Step("card_type", f"Which card are you waiting for: {WHICH_CARD}", CARD),
            Step("date", "When did you order it?", DATE),
        ),
        done="Your {card_type} card was posted and should be with you within 4 working days.",
        asides=(("Can't you send it faster?", "Express delivery costs €12 for new orders."),),
    ),
    "card_declined": Flow(
        steps=(
            Step("card_type", f"Let me look. Which card was refused: {WHICH_CARD}", CARD),
            Step(
                "place",
                "Was it in a shop, online or at a cash machine?",
                (
                    "Online",
                    "In a shop in {city}.",
                    "At a cash machine",
                    "In the supermarket {date}",
                    "At a petrol station near {city}.",
                    "online, at {merchant}",
                    "everywhere!!",
                ),
            ),
        ),
        done="I see it: the daily limit of your {card_type} card was reached. You can raise it in "
        "the app under Cards, Limits.",
        asides=(("Does it work again tomorrow?", "Yes, the limit starts anew at midnight."),),
    ),
    "check_balance": Flow(
        steps=(Step("account", "Which account: current, savings or joint?", ACCOUNT),),
        done="The balance of your {account} is {balance}.",
        asides=(("Including today?", "Yes, with everything booked until now."),),
    ),
    "transfer_money": Flow(
        steps=(
            Step("amount", "How much would you like to send?", TO_SEND),
            Step(
                "name",
                "Who is it for? Give me a saved name or an IBAN.",
                (
                    "{name}",
                    "For {name}.",
                    "{name}, she is in my list",
                    "{iban}",
                    "here: {iban}",
                    "To my landlord",
                    "my sister",
                ),
            ),
            Step("account", "From which account: current, savings or joint?", ACCOUNT),
            Step(CONFIRM, "I will send {amount} from your {account}. Is that right?"),
        ),
        done="{amount} is on its way. It usually arrives within minutes.",
        refused="All right, nothing was sent.",
        asides=(
            ("Is it free?", "Transfers in euros are free."),
            ("What's the limit per day?", "You can send up to €3,000 a day here."),
        ),
    ),
    "transfer_failed": Flow(
        steps=(
            Step("date", "Let me look for it. When did you send it?", DATE),
            Step("amount", "And how much was it?", AMOUNT),
        ),
        done="I found it: the bank of the recipient returned {amount} because the name did not "
        "fit the IBAN. The money is back on your account by tomorrow.",
        asides=(("So where is the money now?", "It is on its way back to your account."),),
    ),
    "direct_debit_cancel": Flow(
        steps=(
            Step(
                "merchant",
                "Which company takes the money?",
                (
                    "{merchant}",
                    "It's {merchant}.",
                    "{merchant}, {amount} a month",
                    "They're called {merchant}",
                ),
            ),
            Step(CONFIRM, "I found a direct debit to {merchant}. Shall I cancel it?"),
        ),
        done="The direct debit to {merchant} is cancelled. Please tell them too.",
        refused="All right, nothing was changed.",
        asides=(("Can I get the last payment back?", "Yes, within eight weeks, in the app."),),
    ),
    "dispute_charge": Flow(
        steps=(
            Step("amount", "Let us look at that. How much was charged?", AMOUNT),
            Step("date", "On which day was it?", DATE),
            Step(CONFIRM, "I found a payment of {amount}. Shall I open a dispute?"),
            Step(
                "email",
                "Where should we send the form?",
                (
                    "{email}",
                    "To {email} please",
                    "my mail is {email}",
                    "by post please",
                    "the address you have is fine",
                    "just put it in the app",
                ),
            ),
        ),
        done="Your dispute is open. We answer within ten working days.",
        refused="All right, no dispute was opened.",
        asides=(
            ("How long will that take?", "Most disputes are settled in three weeks."),
            ("Should I block the card?", "If you fear misuse, yes: I can freeze it for you."),
        ),
    ),
    "reset_pin": Flow(
        steps=(
            Step("card_type", f"Which card is it for: {WHICH_CARD}", CARD),
            Step(
                CONFIRM,
                "I can show the PIN in the app. Is the app on your phone?",
                ("Yes", "yes it is", "Yes, I have it", "yep", "Sure", "Yes, I am in the app now."),
                ("No", "no, I only use the web", "No app, sorry", "Not on this phone."),
            ),
        ),
        done="Open Cards, then PIN. It is shown for twenty seconds.",
        refused="Then you get the PIN by post within 3 working days.",
        asides=(("Can I choose the number myself?", "Yes, at each of our cash machines."),),
    ),
    "change_address": Flow(
        steps=(
            Step(
                "street",
                "What is your new address?",
                (
                    "{street}, {city}",
                    "{street}, {city}, second floor",
                    "{street} in {city}.",
                    "It's {street}, {city}. Phone {phone}",
                ),
            ),
            Step(CONFIRM, "I will use it for cards and letters from now on. Is that right?"),
        ),
        done="Thank you, your address is changed.",
        refused="All right, your address stays as it was.",
        asides=(("Do you need a proof?", "No, but we send a letter to your old address."),),
    ),
    "opening_hours": Flow(
        steps=(
            Step(
                "city",
                "In which city?",
                ("{city}", "In {city}.", "{city} please", "{city}, the one in the centre"),
            ),
        ),
        done="Our branch in {city} is open Monday to Friday from 8:30 to 14:30, on Thursdays "
        "until 18:00.",
        asides=(("Do I need an appointment?", "Only for advice. For the desk just come by."),),
    ),
    "talk_to_person": Flow(
        steps=(
            Step(
                "topic",
                "I can help with most questions about cards and payments. What is it about?",
                (
                    "Just a person please.",
                    "No, I want a human",
                    "It's about a complaint.",
                    "It's private.",
                    "I'd rather tell that to a colleague of yours",
                    "about my account, it's complicated",
                    "AGENT",
                ),
            ),
        ),
        done="Of course. I am passing you on to a colleague.",
    ),
}
