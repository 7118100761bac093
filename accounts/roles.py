"""What each role may do. The roles are a ladder: each may do what those before it may."""

from django.db import models


class Role(models.TextChoices):
    ANNOTATOR = "annotator", "Annotator"
    REVIEWER = "reviewer", "Reviewer"
    ENGINEER = "engineer", "Engineer"
    ADMIN = "admin", "Admin"


# What a role may do beyond the one before it.
STEPS: dict[Role, frozenset[str]] = {
    Role.ANNOTATOR: frozenset(
        {
            *("jobs.view_job", "ingest.view_conversation"),
            *("annotation.view_reviewitem", "annotation.add_annotation"),
            *("annotation.view_intent", "annotation.add_intent"),
        }
    ),
    Role.REVIEWER: frozenset(
        {
            *("accounts.view_membership", "annotation.change_intent"),
            *("annotation.adjudicate", "annotation.assign_reviewitem"),
            "annotation.view_comparison",
            *("training.view_datasetversion", "training.lift_quarantine"),
            *("training.view_goldencase", "training.add_goldencase"),
        }
    ),
    Role.ENGINEER: frozenset(
        {
            *("jobs.cancel_job", "jobs.retry_job"),
            *("training.add_datasetversion", "training.export_datasetversion"),
            *("training.view_trainingrun", "training.add_trainingrun"),
            *("training.view_modelversion", "training.change_trainingsettings"),
            "replay.view_replay",
        }
    ),
    Role.ADMIN: frozenset(
        {
            *("accounts.change_bot", "accounts.manage_members", "accounts.manage_keys"),
            *("ingest.change_intake", "ingest.erase_end_user"),
            *("annotation.change_reviewsettings", "training.decide"),
        }
    ),
}


def permissions_of(role: str) -> frozenset[str]:
    ladder = list(Role)
    below = ladder[: ladder.index(Role(role)) + 1]
    return frozenset().union(*(STEPS[step] for step in below))


def roles_with(permission: str) -> list[Role]:
    return [role for role in Role if permission in permissions_of(role)]
