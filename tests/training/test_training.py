"""The job that trains: from gold labels to a model version."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from ingest.embedding import embed_waiting
from ingest.models import TextVector
from jobs import leasing, work
from jobs.models import Job
from tests.factories import make_entity_type
from tests.training.learning import carried_out, labelled, run_of, sentences
from tests.training.saying import label
from training import artifact_store, starting
from training.models import DatasetVersion, ModelVersion, TrainingRun

State = Job.State


def test_a_run_freezes_trains_and_makes_one_version(trainable, engineer, artifacts_folder):
    run = run_of(trainable, by=engineer, seed=7)

    assert (run.job.state, run.job.error) == (State.DONE, "")
    version = run.version
    assert (version.number, run.dataset.number) == (1, 1)
    assert run.dataset.created_by == engineer
    assert version.encoder == run.encoder
    assert version.held_out["rows"] == 36
    assert version.held_out["accuracy"] > 0.8
    assert 0 <= version.held_out["calibration_error"] <= 1
    assert [name for name, *_ in version.figures["intents"]] == ["card_lost", "loan", "refund"]
    assert run.candidates[-1]["rows"] == 36
    assert {"freeze", "read", "search and fit", "write"} <= set(run.seconds)
    assert [path.name for path in artifacts_folder.rglob("*.skops")] == [
        version.artifact.split("/")[1]
    ]


def test_the_log_says_what_was_tried_and_that_the_audit_lacks_labels(trainable):
    run = run_of(trainable)

    lines = list(run.lines.all())
    assert lines[0].text.startswith("Learns from dataset version 1: 36 rows to train on")
    assert any(line.text.startswith("Tried vectors, C 20") for line in lines)
    (warning,) = [line.text for line in lines if line.tone == "warn"]
    assert warning.startswith("No turn of the audit is labelled yet")


def test_the_artifact_answers_as_the_version_says(trainable):
    version = run_of(trainable).version

    artifact = artifact_store.read(version)

    assert artifact.intents.encoder_ == version.encoder
    assert set(artifact.intents.classes_) == {"card_lost", "loan", "refund"}
    assert artifact.entities is None


def test_the_same_data_seed_and_start_give_the_same_answers_bit_for_bit(trainable):
    first = run_of(trainable, seed=11, afresh=True).version

    second = run_of(trainable, seed=11, afresh=True).version

    assert first.run.dataset == second.run.dataset
    assert first.probe == second.probe
    assert first.figures == second.figures
    assert first.artifact != second.artifact


def test_the_next_run_begins_with_the_newest_version_and_all_labels(trainable, annotator, intents):
    first = run_of(trainable).version
    labelled(trainable, annotator, intents[:1], each=4, after=12)

    run = run_of(trainable)

    assert run.warm_start == first
    assert (run.dataset.number, run.version.number) == (2, 2)
    assert run.version.figures["rows"]["train"] == 40


def test_the_audit_is_measured_and_never_trained_on(trainable, annotator, intents):
    labelled(trainable, annotator, intents, each=4, after=12, side="audit")
    label(trainable, annotator, "what is the meaning of life", side="audit")
    label(trainable, annotator, "sing me a song about the sea", side="train")
    embed_waiting(trainable)

    version = run_of(trainable).version

    assert version.audit["rows"] == 12
    assert version.audit["accuracy"] > 0.7
    assert version.audit["out_of_scope_rows"] == 1
    assert version.figures["rows"] == {"train": 36, "out_of_scope": 1, "audit": 13}
    assert version.figures["out_of_scope"]["rows"] == 1
    assert not version.run.lines.filter(tone="warn").exists()


def test_marked_entities_are_learned_where_there_are_enough(trainable, annotator, intents):
    city = make_entity_type(trainable, "city")
    for place in ("lisbon", "porto", "madrid", "rome", "paris", "berlin", "vienna", "oslo", "bern",
                  "prague"):  # fmt: skip
        text = f"i lost my card in {place} yesterday"
        label(trainable, annotator, text, intents[0], spans=[(city, 18, 18 + len(place))])
    embed_waiting(trainable)

    version = run_of(trainable).version

    assert version.figures["entities"] == ["city"]
    tagger = artifact_store.read(version).entities
    assert [span[2] for span in tagger.predict(["i lost my card in dublin yesterday"])[0]] == [
        "city"
    ]


# ── too little ────────────────────────────────────────────────────────────────────────


def test_nothing_labelled_says_where_labels_come_from(bot):
    run = run_of(bot)

    assert run.job.state == State.FAILED
    assert "no turn of this bot has a label yet. Answer turns under Review" in run.job.error


def test_one_intent_is_not_enough(bot, annotator, intents):
    labelled(bot, annotator, intents[:1])

    run = run_of(bot)

    assert run.job.state == State.FAILED
    assert "only one intent to train on: card_lost" in run.job.error


def test_three_labels_are_not_enough(bot, annotator, intents):
    labelled(bot, annotator, intents, each=1)

    run = run_of(bot)

    assert run.job.state == State.FAILED
    assert run.job.error == (
        "There are only 3 labels to train on, and 10 is the least. Answer 7 more turns under "
        "Review, then train again."
    )


def test_one_label_of_each_intent_is_not_enough(bot, annotator, intents):
    labelled(bot, annotator, intents[:1], each=9)
    labelled(bot, annotator, intents[1:2], each=1)

    assert run_of(bot).job.error.startswith("Only one of the intents has two labels or more")


def test_a_run_waits_for_vectors_and_asks_for_them(bot, annotator, intents):
    labelled(bot, annotator, intents, encode=False)

    run = run_of(bot)

    assert (run.job.state, run.job.attempt) == (State.QUEUED, 0)
    assert (run.job.done, run.job.total) == (0, 36)
    assert run.job.message == "Waiting for the vectors of all texts"
    assert Job.objects.live().filter(kind="embed").exists()
    embed_waiting(bot)
    Job.objects.filter(pk=run.job_id).update(run_after=timezone.now())
    assert carried_out(run).job.state == State.DONE


def test_a_run_does_not_wait_for_vectors_for_ever(bot, annotator, intents):
    labelled(bot, annotator, intents, encode=False)
    run = starting.start(bot, trigger=TrainingRun.Trigger.HAND)
    TrainingRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(hours=7))

    run = carried_out(run)

    assert run.job.state == State.FAILED
    assert run.job.error.startswith("36 of 36 texts have had no vector for hours")


def test_while_texts_are_encoded_anew_the_vectors_before_serve(trainable, annotator, intents):
    first = run_of(trainable).version
    # As after the encoder got another version: what is old has vectors of the one before.
    TextVector.objects.filter(bot=trainable).update(encoder="use-0")
    ModelVersion.objects.update(encoder="use-0")
    TrainingRun.objects.update(encoder="use-0")

    run = run_of(trainable)

    assert run.encoder == run.version.encoder == "use-0"
    assert run.version.number == first.number + 1
    assert run.lines.filter(tone="warn", text__startswith="Not all texts have vectors").exists()


# ── once, and only once ───────────────────────────────────────────────────────────────


def test_two_runs_of_a_bot_are_not_live_at_once(bot, other_bot):
    live = starting.start(bot, trigger=TrainingRun.Trigger.HAND)

    with pytest.raises(starting.AlreadyTraining) as refused:
        starting.start(bot, trigger=TrainingRun.Trigger.SCHEDULE)

    assert refused.value.run == live
    assert starting.start(other_bot, trigger=TrainingRun.Trigger.HAND).number == 1


def test_a_run_that_lost_its_lease_makes_nothing_and_leaves_no_file(
    trainable, artifacts_folder, monkeypatch
):
    put = artifact_store.put

    def put_and_lose(bot, content):
        Job.objects.filter(kind="train").update(token=uuid4())
        return put(bot, content)

    monkeypatch.setattr(artifact_store, "put", put_and_lose)
    run = run_of(trainable)

    assert run.job.state == State.RUNNING  # somebody else's by now
    assert not ModelVersion.objects.exists()
    assert list(artifacts_folder.rglob("*.skops")) == []


def test_a_second_try_learns_from_the_same_dataset(trainable, annotator, intents):
    run = starting.start(trainable, trigger=TrainingRun.Trigger.HAND)
    first = work.Task(leasing.claim(run.job_id, token=uuid4(), worker="w"), token=uuid4())
    assert first.attempt == 1
    run = TrainingRun.objects.get(pk=run.pk)
    from training.freezing import freeze

    TrainingRun.objects.filter(pk=run.pk).update(dataset=freeze(trainable, by=None))
    labelled(trainable, annotator, intents, each=2, after=12)
    Job.objects.filter(pk=run.job_id).update(
        state=State.QUEUED, token=None, lease_until=None, run_after=timezone.now()
    )

    run = carried_out(run)

    assert run.job.attempt == 2
    assert run.dataset.number == 1
    assert DatasetVersion.objects.count() == 1
    assert run.version.figures["rows"]["train"] == 36


def test_after_a_training_the_queue_is_drawn_anew(trainable):
    run_of(trainable)

    assert Job.objects.live().filter(kind="rescore", bot=trainable).count() == 1


def test_figures_can_be_stored_as_json(trainable):
    version = run_of(trainable).version

    assert "NaN" not in json.dumps([version.figures, version.run.candidates])


def test_texts_of_the_tests_differ():
    assert len(set(sentences("loan", 40))) == 40
