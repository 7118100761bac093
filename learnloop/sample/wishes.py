"""How a customer gets a wish across, and how the bot leads them through it."""

from learnloop.sample.hearing import LOST
from learnloop.sample.phrasebook import CONFIRM, Flow, Step
from learnloop.sample.talking import Talk
from learnloop.sample.trouble import fail, joined, react, said_again, trouble_with
from learnloop.sample.typing_style import Said

ATTEMPTS = 3


def wish(talk: Talk, intent: str) -> None:
    """One wish, from its first sentence to the bot's last word on it."""
    talk.new_wish()
    if _ask(talk, intent) and intent in talk.book.flows:
        _follow(talk, talk.book.flows[intent])


def _ask(talk: Talk, intent: str) -> bool:
    """Say it until the bot understands. False when it never did."""
    hard = talk.chance(0.28)
    said = talk.write(_first_sentence(talk, intent, hard=hard))
    for _ in range(ATTEMPTS):
        kind = trouble_with(talk, said, intent, hard=hard)
        if not kind:
            _understand(talk, said, intent, hard=hard)
            return True
        fail(talk, said, intent, kind=kind)
        react(talk)
        if talk.over:
            break
        hard = False
        said = said_again(talk, said, intent, kind=kind)
    return False


def _understand(talk: Talk, said: Said, intent: str, *, hard: bool) -> None:
    talk.flow = intent if intent in talk.book.flows else ""
    talk.learn(said)
    talk.add(said, next_line(talk, intent), talk.guess(said, intent, hard=hard))


def _first_sentence(talk: Talk, intent: str, *, hard: bool) -> str:
    phrase = talk.pick((talk.book.indirect if hard else talk.book.direct)[intent])
    # Somebody whose first turn was a greeting comes to the point with the second.
    to_the_point = intent == "greeting" or len(talk.turns) == 1
    if to_the_point or not talk.chance(0.25):
        return phrase
    return joined(talk.rng.choice(talk.book.also if talk.turns else talk.book.hello), phrase)


def next_line(talk: Talk, intent: str) -> str:
    """The bot's next question, or its last word. Leaves in `talk.step` what is asked."""
    flow = talk.book.flows.get(intent)
    if flow is None:
        return talk.book.bot.hello
    step = _open_step(talk, flow)
    talk.step = step.asks if step else ""
    if step:
        return step.prompt.format_map(talk.facts)
    return _last_word(talk, flow.done)


def _open_step(talk: Talk, flow: Flow) -> Step | None:
    given = talk.answered | talk.known.keys()
    return next((step for step in flow.steps if step.asks not in given), None)


def _last_word(talk: Talk, line: str) -> str:
    talk.step = ""
    if talk.flow == "talk_to_person":
        talk.ending = "escalated"
        return line
    more = f" {talk.book.bot.more}" if talk.chance(0.5) else ""
    return line.format_map(talk.facts) + more


def _follow(talk: Talk, flow: Flow) -> None:
    while not talk.over and (step := _open_step(talk, flow)):
        if talk.walks_off(0.035):
            return
        if step.asks == CONFIRM:
            _confirm(talk, flow, step)
        elif _fresh_aside(talk, flow) and talk.chance(0.08):
            _ask_aside(talk, flow, step)
        elif talk.chance(0.04):
            _answer_in_vain(talk, step)
        else:
            _answer(talk, step)


def _fresh_aside(talk: Talk, flow: Flow) -> bool:
    return any(question not in talk.used for question, _ in flow.asides)


def _ask_aside(talk: Talk, flow: Flow, step: Step) -> None:
    question = talk.pick(tuple(question for question, _ in flow.asides))
    said = talk.write(question)
    reply = f"{dict(flow.asides)[question]} {step.prompt.format_map(talk.facts)}"
    talk.add(said, reply, talk.guess(said, talk.flow, hard=True))


def _answer_in_vain(talk: Talk, step: Step) -> None:
    # "Debit" alone would be understood.
    wordy = tuple(each for each in step.answers if len(each.split()) > 2)
    said = talk.write(talk.pick(wordy or step.answers))
    prompt = step.prompt.format_map(talk.facts)
    guess = talk.guess(said, "answer_to_bot", trouble=LOST)
    talk.add(said, talk.book.bot.reask.format(prompt=prompt), guess, smooth=False)


def _answer(talk: Talk, step: Step) -> None:
    repeats = step.asks in talk.told and talk.chance(0.6)
    phrase = talk.pick(talk.book.already_said if repeats else step.answers)
    said = talk.write(phrase.replace("{value}", f"{{{step.asks}}}"))
    talk.learn(said)
    talk.answered.add(step.asks)
    guess = talk.guess(said, "answer_to_bot", hard=talk.chance(0.15))
    talk.add(said, next_line(talk, talk.flow), guess)


def _confirm(talk: Talk, flow: Flow, step: Step) -> None:
    agrees = talk.chance(0.82)
    phrases = (step.answers or talk.book.yes) if agrees else (step.refusals or talk.book.no)
    said = talk.write(talk.rng.choice(phrases))
    talk.answered.update({CONFIRM} if agrees else {each.asks for each in flow.steps})
    reply = next_line(talk, talk.flow) if agrees else _last_word(talk, flow.refused)
    talk.add(said, reply, talk.guess(said, "answer_to_bot"))
