"""Everything that is known of a candidate when somebody has to decide."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml.comparing import Alone, Comparison
from ml.golden import GoldenResult
from ml.per_intent import IntentComparison
from ml.refusing import RefusalComparison
from ml.reliability import Reliability
from ml.remembering import Memory
from ml.replaying import Replay
from ml.resampling import ScoreComparison
from ml.shares import Habit, Share
from ml.slicing import SliceComparison


@dataclass(frozen=True)
class Doubt:
    """Labels that look plainly wrong (`Suspects.plain`), of how many rows that were looked at."""

    rows: int
    suspect: int


@dataclass(frozen=True)
class Evidence:
    """What was measured of it, and of what it learned from. What was not is None or empty.

    accuracy : Comparison or None
        None when nothing is live.
    alone : Alone or None
        The candidate's accuracy by itself, for when nothing is live.
    macro_f1 : ScoreComparison or None
    intents : sequence of IntentComparison
    slices : sequence of SliceComparison
    golden : sequence of GoldenResult
        Of the candidate.
    memory : Memory or None
    live_reliability, reliability : Reliability or None
        Of the live version and of the candidate.
    refusals : RefusalComparison or None
    replay : Replay or None
    annotators, sources : sequence of Share
        Of the rows that the candidate learned from, of all or of one intent.
    habits : sequence of Habit
    quarantined : sequence of str
        Intents that grew out of step and wait for a look.
    retired : sequence of str
        Intents out of use that the candidate answers with all the same.
    doubt : Doubt or None
    looks : int, default=1
        How often this test set was looked at, this time included.
    """

    accuracy: Comparison | None
    alone: Alone | None = None
    macro_f1: ScoreComparison | None = None
    intents: Sequence[IntentComparison] = ()
    slices: Sequence[SliceComparison] = ()
    golden: Sequence[GoldenResult] = ()
    memory: Memory | None = None
    live_reliability: Reliability | None = None
    reliability: Reliability | None = None
    refusals: RefusalComparison | None = None
    replay: Replay | None = None
    annotators: Sequence[Share] = ()
    sources: Sequence[Share] = ()
    habits: Sequence[Habit] = ()
    quarantined: Sequence[str] = ()
    retired: Sequence[str] = ()
    doubt: Doubt | None = None
    looks: int = 1
