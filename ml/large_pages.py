"""Puts arrays that are read whole again and again next to each other in large pages of memory.

The weights of an encoder are 13 MB, which is 3,300 pages of 4 KB: more than a processor remembers
the places of, so each text had them looked up anew, and everything else after it.
"""

import mmap
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

PAGE = 2 * 1024 * 1024  # bytes
LINE = 64  # bytes of the processor's cache; no two arrays share one

Floats = NDArray[np.float32]


def in_large_pages(arrays: Sequence[Floats]) -> list[Floats]:
    """Return copies of `arrays` that lie together. Where there are no large pages, in small ones.

    Needs as much memory as the arrays, and up to 2 MB.
    """
    starts = np.cumsum([0, *(-(-array.nbytes // LINE) * LINE for array in arrays)])
    # The mapping lives as long as one of the arrays does.
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS  # what is shared gets no large pages
    mapped = mmap.mmap(-1, int(starts[-1]) + PAGE, flags=private)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        mapped.madvise(mmap.MADV_HUGEPAGE)
    room = np.frombuffer(mapped, np.uint8)
    first = -room.ctypes.data % PAGE
    copies = []
    for array, start in zip(arrays, starts.tolist(), strict=False):
        place = room[first + start : first + start + array.nbytes]
        copy = place.view(np.float32).reshape(array.shape)
        copy[...] = array
        copies.append(copy)
    return copies


def settle(holder: Any) -> None:
    """Move all single-precision arrays that an object holds, also in lists, to large pages."""
    held = vars(holder)
    alone = [name for name, value in held.items() if _is_floats(value)]
    listed = [
        name
        for name, value in held.items()
        if isinstance(value, list) and value and all(map(_is_floats, value))
    ]
    moved = iter(
        in_large_pages(
            [held[name] for name in alone] + [array for name in listed for array in held[name]]
        )
    )
    for name in alone:
        setattr(holder, name, next(moved))
    for name in listed:
        setattr(holder, name, [next(moved) for _ in held[name]])


def _is_floats(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == np.float32
