"""/models/"""

import pytest
from django.utils import timezone

from jobs import work
from jobs.models import Job
from tests.factories import make_model_version
from tests.training.judged import make_report, make_version
from tests.training.learning import run_of
from tests.training.version_pages import text_of
from training import deciding


def test_no_version_says_where_one_is_made(as_engineer, bot):
    page = text_of(as_engineer.get("/models/"))

    assert "No model version yet" in page and "/training/" in page


def test_versions_are_listed_with_plain_figures(as_engineer, bot, other_bot):
    version, foreign = make_model_version(bot), make_model_version(other_bot)

    page = text_of(as_engineer.get("/models/"))

    assert f"/models/{version.pk}/" in page and f"/models/{foreign.pk}/" not in page
    assert "0.873" in page and "0.861" in page
    assert "Not judged" in page


def test_the_list_says_how_each_was_judged_and_decided(as_engineer, bot, admin):
    version = make_version(bot)
    report = make_report(version, passes=False)
    seen = deciding.Seen(report.sha256, version.sha256)
    deciding.reject(version, by=admin, seen=seen, reason="It is worse.")

    page = text_of(as_engineer.get("/models/"))

    assert 'data-label="Verdict">Worse' in page and "Rejected" in page


@pytest.mark.parametrize("versions", [1, 20])
def test_the_list_takes_as_many_queries_for_many_as_for_one(
    as_engineer, bot, versions, django_assert_max_num_queries
):
    for _ in range(versions):
        make_model_version(bot)

    with django_assert_max_num_queries(7):
        as_engineer.get("/models/")


def test_one_version_shows_figures_hash_and_libraries(as_engineer, bot):
    version = make_model_version(bot)

    page = text_of(as_engineer.get(f"/models/{version.pk}/"))

    assert "Coverage at 95 % precision" in page and "0.712" in page and "0.961" in page
    assert "Not measured on the audit." in page
    assert "a" * 64 in page and "numpy" in page and "use-1" in page
    assert "card_lost" in page and "700" in page


def test_figures_of_the_audit_stand_beside_and_are_called_so(as_engineer, bot):
    audit = {"rows": 90, "accuracy": 0.911, "macro_f1": 0.9, "calibration_error": 0.02,
             "coverage": 0.8}  # fmt: skip
    version = make_model_version(bot, figures={"audit": audit})

    page = text_of(as_engineer.get(f"/models/{version.pk}/"))

    assert "0.911" in page
    assert "Audit: 90 turns drawn at random that nothing was fitted on" in page
    assert "Not measured on the audit." not in page


def test_a_version_takes_few_queries(as_engineer, bot, django_assert_max_num_queries):
    version = make_model_version(bot)

    with django_assert_max_num_queries(12):
        as_engineer.get(f"/models/{version.pk}/")


def test_an_annotator_is_refused(as_annotator, as_reviewer, bot):
    version = make_model_version(bot)
    for client in (as_annotator, as_reviewer):
        assert client.get(f"/models/{version.pk}/").status_code == 403


def test_another_bots_version_is_not_found(as_engineer, bot, other_bot):
    assert as_engineer.get(f"/models/{make_model_version(other_bot).pk}/").status_code == 404


# ── the artifact ──────────────────────────────────────────────────────────────────────


def checked(client, version):
    client.post(f"/models/{version.pk}/check/")
    work.run(Job.objects.get(kind="check_artifact", object_id=version.pk, state="queued").pk)
    return text_of(client.get(f"/models/{version.pk}/artifact/"))


def test_an_artifact_that_is_checked_answers_as_it_did(as_engineer, trainable):
    version = run_of(trainable).version

    assert "and it gives the same answers" in checked(as_engineer, version)


def test_a_damaged_artifact_is_refused_on_the_page(as_engineer, trainable, artifacts_folder):
    version = run_of(trainable).version
    file = artifacts_folder / version.artifact
    file.write_bytes(file.read_bytes()[:-7])

    page = checked(as_engineer, version)

    assert "It cannot be used." in page
    assert "its SHA-256 differs" in page
    assert "train again" in page


def test_a_missing_artifact_is_told_by_name(as_engineer, bot):
    version = make_model_version(bot)

    assert f"{version.artifact} is missing in the store" in checked(as_engineer, version)


def test_while_it_is_checked_the_card_asks_again(as_engineer, bot):
    version = make_model_version(bot)
    as_engineer.post(f"/models/{version.pk}/check/")

    card = text_of(as_engineer.get(f"/models/{version.pk}/artifact/"))

    assert 'hx-trigger="every 2s"' in card and "Checking the artifact" in card
    Job.objects.update(state="cancelled", ended_at=timezone.now())
    assert "hx-trigger" not in text_of(as_engineer.get(f"/models/{version.pk}/artifact/"))
