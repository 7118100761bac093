"""What RQ may carry."""

import pytest
from rq import Queue
from rq.job import Callback

from jobs import waking


@pytest.fixture
def queue():
    waking.redis().flushdb()
    yield waking.queue(waking.QUICK)
    waking.redis().flushdb()


def test_a_message_that_names_another_function_is_not_run(queue):
    message = queue.enqueue("os.system", "true")

    with pytest.raises(waking.Forbidden, match="os.system"):
        message.perform()


def test_callbacks_and_webhooks_named_in_redis_are_not_imported(queue):
    message = Queue(queue.name, connection=queue.connection).enqueue(
        waking.RUN, 1, on_success=Callback("os.getpid"), on_failure=Callback("os.getpid")
    )

    fetched = waking.WakeUp.fetch(message.id, connection=queue.connection)

    assert (fetched.success_callback, fetched.failure_callback) == (None, None)
    assert fetched.stopped_callback is None


def test_messages_are_json_and_never_pickle(queue):
    message = queue.enqueue(waking.RUN, 7)

    assert message.data == b'["jobs.work.run", null, [7], {}]'
