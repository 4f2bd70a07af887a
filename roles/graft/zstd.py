"""Zstandard, by what there is: the Python library on a controller, libzstd on a box."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from roles.graft import libzstd
from roles.graft.libzstd import ZstdError

STEP = 1 << 20

Unpacker = Callable[[memoryview, int, int], bytearray]


def unpack(packed: memoryview, most: int, window: int) -> bytearray:
    """What a frame holds, or its first bytes. + window: the most memory that it may ask for"""
    return unpacker()(packed, most, window)


@cache
def unpacker() -> Unpacker:
    """What there is here."""
    try:
        import zstandard
    except ImportError:  # nothing is installed on a box for us
        return libzstd.unpack

    def by_zstandard(packed: memoryview, most: int, window: int) -> bytearray:
        content = bytearray()
        try:
            unpacker = zstandard.ZstdDecompressor(max_window_size=window)
            with unpacker.stream_reader(packed) as reader:
                # Step by step: a header's claim alone must not make us take the memory.
                while step := reader.read(min(STEP, most - len(content))):
                    content += step
        except zstandard.ZstdError as error:
            raise ZstdError(str(error)) from error
        return content

    return by_zstandard
