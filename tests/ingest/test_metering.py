"""ingest/metering.py"""

from ingest.metering import Meter


def taken(meter, *, sender=1, at, times, most=10):
    return sum(meter.takes(sender, most=most, at=at) for _ in range(times))


def test_a_second_holds_as_many_as_the_rate():
    assert taken(Meter(), at=0.0, times=30) == 10


def test_room_comes_back_with_time():
    meter = Meter()
    taken(meter, at=0.0, times=30)

    assert taken(meter, at=0.5, times=30) == 5


def test_a_long_silence_saves_no_more_than_a_second():
    meter = Meter()
    taken(meter, at=0.0, times=30)

    assert taken(meter, at=60.0, times=30) == 10


def test_senders_do_not_count_for_each_other():
    meter = Meter()
    taken(meter, sender=1, at=0.0, times=30)

    assert taken(meter, sender=2, at=0.0, times=30) == 10
