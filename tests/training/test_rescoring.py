"""After a training the queue is drawn anew, and filled up when it runs out."""

import uuid

import pytest

from annotation import drawing, picking
from annotation.models import ReviewItem
from ingest import vector_copy
from ingest.embedding import embed_waiting
from jobs import work
from jobs.models import Job
from serving import choosing
from tests.annotation.saying import DOWN, queued, say
from tests.factories import make_review_settings
from tests.training.learning import run_of, sentences
from training import rescoring, stocking
from training.models import ModelVersion, QueueDraw


def talk(bot, *intents, number=20, after=12):
    """Turns nobody has labelled."""
    return [
        say(bot, text, intent="")
        for intent in intents
        for text in sentences(intent, after + number)[after:]
    ]


def rescored(bot):
    job = Job.objects.live().get(kind="rescore", bot=bot)
    work.Delivery.token = uuid.uuid4()
    work.run(job.pk)
    job.refresh_from_db()
    return job


@pytest.fixture
def few(bot):
    return make_review_settings(
        bot, random_stock=10, novelty_percent=20, second_opinion_percent=0, hidden_percent=0
    )


@pytest.fixture
def trained(few, trainable):
    """A bot with a model version, turns that nobody labelled, and some about something else."""
    run_of(trainable)
    talk(trainable, "card_lost", "refund", "loan")
    for text in ("will it rain tomorrow", "sing a song about the sea", "who won the match"):
        say(trainable, text)
    embed_waiting(trainable)
    return trainable


def test_after_a_training_the_newest_version_picks(trained):
    job = rescored(trained)

    assert (job.state, job.error) == ("done", "")
    items = ReviewItem.objects.of(trained).open()
    close = items.filter(policy="margin_clusters")
    assert 8 <= close.count() <= 11
    assert {item.lane for item in close} == {"selection"}
    for item in close:
        assert item.model_version == "version 1"
        assert len(item.guesses) == 3
        assert item.margin == pytest.approx(
            item.guesses[0]["confidence"] - item.guesses[1]["confidence"], abs=1e-5
        )
        assert item.reasons[0].startswith(f"Version 1 hesitates between {item.guess} ")
    assert QueueDraw.objects.get().novel <= 2  # a fifth of ten
    assert min(item.priority for item in close) > picking.PICKED + choosing.USEFUL


def test_new_topics_go_to_their_lane(trained):
    # With fewer groups the debit card, of which no label speaks either, can be all of them.
    trained.review_settings.novelty_percent = 50
    trained.review_settings.save()

    rescored(trained)

    novel = ReviewItem.objects.of(trained).filter(policy="novelty_clusters")
    assert {item.lane for item in novel} == {"novelty"}
    assert {"will it rain tomorrow", "who won the match", "sing a song about the sea"} & {
        item.text.text for item in novel
    }
    drawn = QueueDraw.objects.get()
    assert drawn.novel == novel.count() <= 5
    assert drawn.model_version == ModelVersion.objects.get()
    assert drawn.pool == 63


def test_what_is_labelled_or_of_the_audit_is_not_picked(trained, annotator):
    audited = talk(trained, "loan", number=4, after=40)
    type(audited[0].conversation).objects.filter(
        pk__in=[turn.conversation_id for turn in audited]
    ).update(side="audit")
    embed_waiting(trained)

    rescored(trained)

    picked = set(ReviewItem.objects.open().values_list("text_id", flat=True))
    assert not picked & {turn.distinct_text_id for turn in audited}
    labelled = set(trained_texts(trained))
    assert labelled and not picked & labelled


def trained_texts(bot):
    from annotation.models import GoldLabel

    return GoldLabel.objects.of(bot).values_list("text_id", flat=True)


def test_the_same_pool_and_version_give_the_same_picks(trained):
    def picks():
        rescoring.redraw(trained)
        items = ReviewItem.objects.of(trained).open().most_useful_first()
        return list(items.values_list("text", "priority", "guesses"))

    assert picks() == picks()


def test_vectors_are_not_read_from_the_database_again(trained, monkeypatch):
    read = []
    chunks = vector_copy._chunks

    def counted(*args, **kwargs):
        for chunk in chunks(*args, **kwargs):
            read.append(chunk)
            yield chunk

    monkeypatch.setattr(vector_copy, "_chunks", counted)
    rescoring.redraw(trained)
    assert len(read) == 1  # what came in since the training

    rescoring.redraw(trained)

    assert len(read) == 1


def test_before_the_first_version_what_is_typical_is_picked(few, bot, monkeypatch):
    monkeypatch.setattr(stocking, "FEWEST_TEXTS", 20)
    talk(bot, "card_lost", "refund", after=0)
    embed_waiting(bot)

    assert drawing.fill_up(bot) == 0
    rescored(bot)

    items = ReviewItem.objects.of(bot).open()
    assert {item.policy for item in items} == {"typiclust"}
    assert 10 <= items.count() <= 11
    assert items.most_useful_first()[0].reasons[0].startswith("Typical of what users say:")
    assert QueueDraw.objects.get().model_version is None


def test_with_few_texts_it_stays_random(few, bot):
    say(bot, "hello")
    embed_waiting(bot)

    assert drawing.fill_up(bot) == 1
    assert not Job.objects.filter(kind="rescore").exists()


def test_when_half_of_the_picks_are_used_more_are_asked_for(trained):
    rescored(trained)
    assert drawing.fill_up(trained) == 0
    assert not Job.objects.live().filter(kind="rescore").exists()

    used = ReviewItem.objects.of(trained).open().values_list("pk", flat=True)[3:]
    ReviewItem.objects.filter(pk__in=list(used)).delete()
    drawing.fill_up(trained)

    assert picking.in_stock(trained) == 3
    assert Job.objects.live().filter(kind="rescore").count() == 1


def test_an_empty_pool_is_not_looked_at_again_and_again(few, trainable):
    run_of(trainable)
    job = rescored(trainable)

    assert job.message == "0 texts picked"
    drawing.fill_up(trainable)
    assert not Job.objects.live().filter(kind="rescore").exists()

    say(trainable, "something new at last")
    embed_waiting(trainable)
    drawing.fill_up(trainable)
    assert Job.objects.live().filter(kind="rescore").exists()


def test_a_version_that_cannot_be_read_says_so_and_texts_are_drawn_at_random(
    trained, artifacts_folder
):
    (artifacts_folder / ModelVersion.objects.get().artifact).write_bytes(b"nonsense")

    job = rescored(trained)

    assert job.state == "failed"
    assert "its SHA-256 differs" in job.error
    assert drawing.fill_up(trained) == 10


def test_complaints_that_are_picked_come_first(trained):
    # So that all are picked, and none as a new topic.
    trained.review_settings.random_stock, trained.review_settings.novelty_percent = 100, 0
    trained.review_settings.save()
    loud = say(trained, "where is my refund or my loan", DOWN)
    embed_waiting(trained)
    queued(trained)

    rescored(trained)

    item = loud.review_item
    item.refresh_from_db()
    assert item.status == "open"
    assert item.policy == "margin_clusters"
    assert ReviewItem.objects.of(trained).open().most_useful_first()[0] == item
