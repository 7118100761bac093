"""When the sample bot's customers write: more by day than by night, less on weekends."""

from datetime import datetime, timedelta
from random import Random

DAYS = 30
# A conversation that starts this long before the end is over by then.
LONGEST = timedelta(hours=2)
WEEKEND = 0.4
HOURS = (2, 1, 1, 1, 1, 2, 5, 12, 22, 30, 32, 30, 28, 26, 24, 25, 28, 32, 34, 30, 24, 16, 9, 4)


def start(rng: Random, *, until: datetime) -> datetime:
    """A moment in the last 30 days. Days and hours are those of the zone of `until`."""
    while True:
        day = until - timedelta(days=rng.randint(0, DAYS))
        hour = rng.choices(range(24), HOURS)[0]
        moment = day.replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60))
        moment = moment.replace(microsecond=rng.randrange(1000) * 1000)
        fits = until - timedelta(days=DAYS) <= moment <= until - LONGEST
        if fits and (moment.weekday() < 5 or rng.random() < WEEKEND):
            return moment


def outage(moment: datetime, *, until: datetime) -> bool:
    """The core banking system was down for an afternoon, sixteen days before the end."""
    return (until - moment).days == 16 and 9 <= moment.hour < 19


def pause(rng: Random) -> timedelta:
    """How long a customer takes to read and type."""
    seconds = rng.uniform(6, 60) if rng.random() < 0.94 else rng.uniform(60, 320)
    return timedelta(milliseconds=round(seconds * 1000))


def latency_ms(rng: Random, *, failed: bool) -> int:
    if failed:
        return rng.randint(5000, 9000)
    if rng.random() < 0.03:
        return rng.randint(4000, 9000)
    return round(rng.lognormvariate(6.35, 0.35))
