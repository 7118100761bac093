"""What every test may ask for by name."""

from tests.roles import (  # noqa: F401
    admin,
    annotator,
    anonymous,
    as_admin,
    as_annotator,
    as_bot,
    as_engineer,
    as_operator,
    as_other_admin,
    as_reviewer,
    bot,
    engineer,
    key,
    operator,
    other_admin,
    other_bot,
    reviewer,
    secret,
)
