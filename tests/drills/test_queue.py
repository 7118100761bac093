"""Two people never hold one item; nobody is told that nothing is left while it is (promise 7)."""

import os
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from uuid import uuid4

import django
import pytest
from django.db import connection, connections, transaction

from accounts.models import Bot, User
from annotation.answering import Answer, answer
from annotation.holding import take_next
from annotation.models import Annotation, GoldLabel, ReviewItem
from tests.drills.machine import url_of_test_database
from tests.factories import make_bot, make_member

PROCESSES, THREADS = 2, 6  # in each

# Items of all lanes, a tenth of which want a second opinion.
FILL = """
WITH new AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, n FROM generate_series(1, %(many)s) n
), texts AS (
    INSERT INTO ingest_text (id, bot_id, text, encoded_by, compared, bands)
    SELECT id, %(bot)s, 'text ' || n, '', true, '{}' FROM new
), talks AS (
    INSERT INTO ingest_conversation (id, bot_id, name, started_at, last_at, channel, language,
        users, intents, turn_count, outcome, side, audit_share, signals, weight, changes)
    SELECT id, %(bot)s, 'c-' || id, now(), now(), 'web', 'en', '{}', '{}', 1, 'open', 'train', 0.02,
        '{}', 0, 0 FROM new
), events AS (
    INSERT INTO ingest_incomingevent
        (id, bot_id, conversation_id, kind, at, received_at, digest, redacted, mended)
    SELECT id, %(bot)s, id, 'turn', now(), now(), id, '{}', false FROM new
), turns AS (
    INSERT INTO ingest_turn (event_id, bot_id, conversation_id, at, text, response,
        distinct_text_id, intent, alternatives, entities, dialog_state, error, model_version)
    SELECT id, %(bot)s, id, now(), 'text', '', id, '', '[]', '[]', '{}', '', '' FROM new
)
INSERT INTO annotation_reviewitem (bot_id, turn_id, conversation_id, text_id, text_group, at, lane,
    status, priority, weight, kinds, reasons, guesses, guess, model_version, guess_hidden,
    neighbours, neighbours_of, alike_count, policy, answers_wanted, not_for, created_at)
SELECT %(bot)s, id, id, id, id, now(),
    (ARRAY['selection', 'selection', 'selection', 'novelty', 'audit'])[1 + n %% 5], 'open',
    random(), 0, '{}', '[]', '[]', '', '', false, '[]', 0, 0, 'signals',
    CASE WHEN n %% 10 = 0 THEN 2 ELSE 1 END, '{}', now()
FROM new
"""


@dataclass
class Told:
    """What one person has seen."""

    answered: list[int] = field(default_factory=list)
    empty_too_early: int = 0


def work(bot_id: int, user_id: int) -> Told:
    """Answer all there is, holding the next item while one is on the screen."""
    bot, user = Bot.objects.get(pk=bot_id), User.objects.get(pk=user_id)
    told = Told()
    while item := take_next(user, bot=bot):
        take_next(user, bot=bot, besides=[item.pk])
        answer(item.pk, user, Answer(uuid4(), Annotation.Verdict.OUT_OF_SCOPE), bot=bot)
        told.answered.append(item.pk)
    left = ReviewItem.objects.of(bot).free().exclude(not_for__contains=[user.pk])
    told.empty_too_early = left.count()
    connections.close_all()
    return told


def work_in_threads(bot_id: int, user_ids: list[int]) -> list[Told]:
    with ThreadPoolExecutor(len(user_ids)) as threads:
        return list(threads.map(lambda user_id: work(bot_id, user_id), user_ids))


@pytest.fixture
def processes(transactional_db, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url_of_test_database())
    context = get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=django.setup) as processes:
        list(processes.map(time.sleep, [0.5] * PROCESSES))  # both have started
        yield processes
    connections.close_all()


def change_priorities(bot):
    """As the job does that queues turns: many items are locked for a moment."""
    with transaction.atomic():
        some = ReviewItem.objects.of(bot).open().order_by("?").values_list("pk", flat=True)[:100]
        locked = ReviewItem.objects.select_for_update(no_key=True).filter(pk__in=list(some))
        keys = list(locked.order_by("pk").values_list("pk", flat=True))
        ReviewItem.objects.filter(pk__in=keys).update(priority=time.monotonic() % 1)
        time.sleep(0.02)


def test_twelve_people_empty_the_queue_and_each_item_is_answered_as_often_as_it_should(
    processes, full_size
):
    many = 10_000 if full_size else 600
    bot = make_bot("Bank bot", "bank-bot")
    people = [make_member(bot).pk for _ in range(PROCESSES * THREADS)]
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"bot": bot.pk, "many": many})
        cursor.execute("ANALYZE")
    began = time.monotonic()

    teams = [people[:THREADS], people[THREADS:]]
    working = [processes.submit(work_in_threads, bot.pk, team) for team in teams]
    while not all(team.done() for team in working):
        change_priorities(bot)
        time.sleep(0.1)
    told = [each for team in working for each in team.result()]

    seconds = time.monotonic() - began
    answered = [key for each in told for key in each.answered]
    print(f"\n{many} items, {len(answered)} answers in {seconds:.1f} s, {os.cpu_count()} cores")
    assert [each.empty_too_early for each in told] == [0] * len(people)
    assert not ReviewItem.objects.open().exists()
    wanted = dict(ReviewItem.objects.values_list("pk", "answers_wanted"))
    assert sorted(answered) == sorted(key for key, times in wanted.items() for _ in range(times))
    assert Annotation.objects.count() == len(answered)
    assert GoldLabel.objects.current().count() == many
